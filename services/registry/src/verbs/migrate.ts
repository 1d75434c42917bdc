import { parseConfig } from '../config.js';
import { usageError } from '../config/env.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry migrate`: brings the schema of the database up to date, or says what it lacks. */
export const migrateVerb: Verb = {
  name: 'migrate',
  usage: `usage: sheaf-registry migrate [--check] [--data-dir DIR]

  --check         change nothing; exit code 1 when the schema is behind
  --data-dir DIR  as for serve

Safe beside a service of the release before, and when several start at once: they take turns.
`,
  run: async (args, env, io) => {
    const { values, positionals } = parseFlags('migrate', args, {
      check: { type: 'boolean' },
      'data-dir': { type: 'string' },
    });
    if (positionals.length > 0)
      throw usageError('migrate takes no arguments', 'see sheaf-registry migrate --help');
    const config = parseConfig(dataDirArgs(values['data-dir']), env, io.isInteractive);
    const { runMigrate } = await import('../admin/run-migrate.js');
    const { pending, unknown, applied } = await runMigrate(config, logTo(config.server.logLevel), {
      isCheck: values.check === true,
    });
    for (const name of applied) io.stdout(`applied ${name}\n`);
    for (const name of pending) io.stdout(`pending ${name}\n`);
    if (unknown.length > 0) io.stdout(`of a newer release: ${unknown.join(', ')}\n`);
    if (pending.length === 0) io.stdout('the schema is up to date\n');
    return pending.length === 0 ? 0 : 1;
  },
};
