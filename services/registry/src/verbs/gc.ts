import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import { DEFAULT_GRACE_MS } from '../gc/sweep.js';
import { counted } from './counted.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

const HOUR_MS = 60 * 60 * 1000;

/** `sheaf-registry gc`: removes blobs that nothing names, once, now. The service does the same by itself. */
export const gcVerb: Verb = {
  name: 'gc',
  usage: `usage: sheaf-registry gc [--dry-run] [--grace HOURS] [--json] [--data-dir DIR]

  --dry-run       say what would be removed, and remove nothing
  --grace HOURS   leave blobs alone that are younger (default ${DEFAULT_GRACE_MS / HOUR_MS})
  --json          one line of JSON for each blob, then one for all
  --data-dir DIR  as for serve
`,
  run: async (args, env, io) => {
    const flags = parseGcFlags(args);
    const config = parseConfig(flags.rest, env, io.isInteractive);
    const { runSweep } = await import('../gc/run-sweep.js');
    const result = await runSweep(config, logTo(config.server.logLevel), {
      graceMs: flags.graceMs,
      isDryRun: flags.isDryRun,
      signal: io.stopped,
      onOrphan: ({ key, sizeBytes }) => {
        io.stdout(flags.isJson ? `${JSON.stringify({ key, sizeBytes })}\n` : `${key} ${sizeBytes}\n`);
      },
    });
    if (flags.isJson) io.stdout(`${JSON.stringify({ schema: 'sheaf-registry.gc/1', ...result })}\n`);
    else
      io.stdout(
        `${counted(result.seen, 'blob')}, ${result.orphans} of them orphans with ${counted(result.orphanBytes, 'byte')}; ${result.removed} removed, ${result.kept} kept\n`,
      );
    return 0;
  },
};

function parseGcFlags(args: readonly string[]) {
  const { values, positionals } = parseFlags('gc', args, {
    'dry-run': { type: 'boolean' },
    grace: { type: 'string' },
    json: { type: 'boolean' },
    'data-dir': { type: 'string' },
  });
  if (positionals.length > 0) throw usageError('gc takes no arguments', 'see sheaf-registry gc --help');
  const hours = values.grace ?? String(DEFAULT_GRACE_MS / HOUR_MS);
  if (!/^\d{1,5}(?:\.\d{1,6})?$/.test(hours))
    throw usageError(`--grace ${JSON.stringify(hours)} is not valid`, 'use a number of hours, such as 24');
  return {
    isDryRun: values['dry-run'] === true,
    isJson: values.json === true,
    graceMs: Number(hours) * HOUR_MS,
    rest: dataDirArgs(values['data-dir']),
  };
}
