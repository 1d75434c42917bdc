import { parseLogLevel } from '../config/server.js';
import { parseWitnessConfig, WITNESS_USAGE } from '../witness/witness-config.js';
import { aborted } from './aborted.js';
import { logTo } from './log-to.js';
import type { Verb } from './verb.js';

/** `sheaf-registry witness`: cosigns the logs of other registries. Shares nothing with a registry. */
export const witnessVerb: Verb = {
  name: 'witness',
  usage: WITNESS_USAGE,
  run: async (args, env, io) => {
    const config = await parseWitnessConfig(args);
    const { startWitness } = await import('../witness/start-witness.js');
    const running = await startWitness(config, logTo(parseLogLevel(env, io.isInteractive)));
    if (running.isNew)
      io.stderr(
        `a new witness begins in ${config.dataDir}: it has a new key, and has cosigned nothing yet\n`,
      );
    io.stdout(`witness listening on ${running.url}\nwitness key ${running.verifierKey}\n`);
    await aborted(io.stopped);
    await running.stop();
    return 0;
  },
};
