import { parseConfig } from '../config.js';
import { startSmall } from '../start-small.js';
import { dataDirArgs, parseFlags } from './flags.js';
import { logTo } from './log-to.js';
import { untilStopped } from './until-stopped.js';
import type { Verb } from './verb.js';
import { warnOfStray } from './warn-of-stray.js';

/** `sheaf-registry worker`: the jobs of a registry without its service, for when `SHEAF_JOBS=off` keeps them from it. */
export const workerVerb: Verb = {
  name: 'worker',
  usage: `usage: sheaf-registry worker [--data-dir DIR]

  --data-dir DIR  as for serve
`,
  run: async (args, env, io) => {
    const { values } = parseFlags('worker', args, { 'data-dir': { type: 'string' } });
    warnOfStray(env, io);
    const config = parseConfig(dataDirArgs(values['data-dir']), env, io.isInteractive);
    const worker = await startSmall(async () => {
      const { startWorker } = await import('../compose/worker.js');
      return startWorker(config, logTo(config.server.logLevel));
    });
    io.stdout('worker ready\n');
    await untilStopped(io.stopped, worker);
    return 0;
  },
};
