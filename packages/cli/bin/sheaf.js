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
  print(json ? `${JSON.stringify({ schema: 'sheaf.version/1', version })}\n` : `sheaf ${version}\n`);
} else if (!require('node:fs').existsSync(`${__dirname}/../dist/build.json`)) {
  process.stderr.write('error[install.incomplete]: this copy of sheaf is not built\n  help: npm run build\n');
  process.exitCode = 1;
} else if (
  verb === undefined ||
  verb === '--help' ||
  verb === '-h' ||
  (verb === 'help' && argv.slice(1).every((word) => /^(--json(=1)?|--help|-h)$/.test(word)))
) {
  const text = require('node:fs').readFileSync(`${__dirname}/../dist/help.txt`, 'utf8');
  print(json ? `${JSON.stringify({ schema: 'sheaf.help/1', text })}\n` : text);
} else {
  require('./load.js').runVerb(argv);
}

/** Straight to the file descriptor: Node's own stream would first load all that sockets and terminals need. */
function print(text) {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(require('node:fs').writeSync(1, rest));
  } catch (error) {
    // A pipe that takes nothing just now is waited for by the stream; one that was closed is no failure.
    if (error.code === 'EAGAIN') process.stdout.write(rest);
    else if (error.code !== 'EPIPE') throw error;
  }
}
