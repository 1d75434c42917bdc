import { parseLogVerifier } from '@sheaf/bundle';
import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import { counted } from './counted.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry import`: verifies an export and serves it from here on, for reading. */
export const importVerb: Verb = {
  name: 'import',
  usage: `usage: sheaf-registry import FILE|DIR --log-key VKEY [--json] [--data-dir DIR]

  FILE | DIR      what sheaf-registry export wrote
  --log-key VKEY  key of the registry's public log, known from elsewhere than the archive
  --json          one line of JSON about what was taken in
  --data-dir DIR  as for serve; an empty one, or that of a mirror of the same registry

A mirror on the private database is stopped for it, and started again afterwards.
`,
  run: async (args, env, io) => {
    const { values, positionals } = parseFlags('import', args, {
      'log-key': { type: 'string' },
      json: { type: 'boolean' },
      'data-dir': { type: 'string' },
    });
    const [path] = positionals;
    if (path === undefined || positionals.length > 1)
      throw usageError('import takes one file or folder', 'see sheaf-registry import --help');
    const logKey = checkedKey(values['log-key']);
    const config = parseConfig(dataDirArgs(values['data-dir']), env, io.isInteractive);
    const { runImport } = await import('../archive/run-archive.js');
    const result = await runImport(config, logTo(config.server.logLevel), path, {
      logKey,
      signal: io.stopped,
    });
    if (values.json === true)
      io.stdout(`${JSON.stringify({ schema: 'sheaf-registry.import/1', ...result })}\n`);
    else
      io.stdout(
        `${counted(result.leaves, 'new leaf', 'new leaves')} and ${counted(result.releases, 'new release')} of ${result.origin} verified and taken in\n`,
      );
    return 0;
  },
};

function checkedKey(text: string | undefined): string {
  if (text === undefined)
    throw usageError(
      '--log-key is missing',
      'give the key that the registry publishes, from its operator or its well-known page',
    );
  try {
    return parseLogVerifier(text).text;
  } catch (cause) {
    throw usageError('--log-key is not a verifier key', 'use the form NAME+HASH+BASE64', cause);
  }
}
