#!/usr/bin/env node
'use strict';
// The start of every invocation: nothing is imported but what the verb needs, so that `--version` and `help` cost no
// more than Node itself.
const MIN_NODE = [20, 19];
const node = process.versions.node.split('.').map(Number);
if (node[0] < MIN_NODE[0] || (node[0] === MIN_NODE[0] && node[1] < MIN_NODE[1])) {
  process.stderr.write(
    `error[node.too_old]: sheaf needs Node ${MIN_NODE.join('.')} or newer, this is ${process.versions.node}\n  help: install a current Node\n`,
  );
  process.exit(1);
}

let argv = process.argv.slice(2);
if (argv[0] === '--explain') argv = ['help', ...(argv.length > 1 ? argv.slice(1) : ['codes'])];
// Whoever has just typed `registry add` types this.
if (argv[0] === 'registry' && (argv[1] === 'login' || argv[1] === 'logout')) argv = argv.slice(1);
const verb = argv[0];
const json = argv.includes('--json') || argv.includes('--json=1');

if (verb === '--version' || verb === '-V') {
  const { version } = require('../package.json');
  process.stdout.write(
    json ? `${JSON.stringify({ schema: 'sheaf.version/1', version })}\n` : `sheaf ${version}\n`,
  );
} else if (!require('node:fs').existsSync(`${__dirname}/../dist/verbs.json`)) {
  process.stderr.write('error[install.incomplete]: this copy of sheaf is not built\n  help: npm run build\n');
  process.exitCode = 1;
} else if (
  verb === undefined ||
  verb === '--help' ||
  verb === '-h' ||
  (verb === 'help' && argv.slice(1).every((word) => /^(--json(=1)?|--help|-h)$/.test(word)))
) {
  const text = require('node:fs').readFileSync(`${__dirname}/../dist/help.txt`, 'utf8');
  process.stdout.write(json ? `${JSON.stringify({ schema: 'sheaf.help/1', text })}\n` : text);
} else {
  const verbs = require('../dist/verbs.json');
  // `help VERB …` is `VERB … --help`; of anything else, the verb `help` knows.
  if (verb === 'help' && argv[1] !== 'help' && verbs.includes(argv[1])) argv = [...argv.slice(1), '--help'];
  const file = verbs.includes(argv[0]) ? argv[0] : '_unknown';
  require(`../dist/${file}.cjs`).main(argv);
}
