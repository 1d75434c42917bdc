import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { CONFIG_USAGE, parseConfig, type Config } from '../config.js';
import { DEFAULT_PORT } from '../config/server.js';
import { startSmall } from '../start-small.js';
import { describeFailure } from './describe-failure.js';
import { logTo } from './log-to.js';
import { untilStopped } from './until-stopped.js';
import type { Verb, VerbIo } from './verb.js';
import { warnOfStray } from './warn-of-stray.js';

/** `sheaf-registry serve`: the service itself. Says `listening on URL` on standard output when requests may come. */
export const serveVerb: Verb = {
  name: 'serve',
  usage: `usage: sheaf-registry serve [--host H] [--port P] [--data-dir DIR]

  --host H        address to listen on (default 127.0.0.1)
  --port P        port to listen on, 0 for any (default ${DEFAULT_PORT})
  --data-dir DIR  where the private database, the blobs and the keys are kept (default .sheaf)

environment:
${CONFIG_USAGE}`,
  run: async (args, env, io) => {
    if (!cluster.isWorker) warnOfStray(env, io);
    const config = parseConfig(args, env, io.isInteractive);
    const log = logTo(config.server.logLevel);
    if (cluster.isWorker) {
      const { runWorker } = await startSmall(() => import('../cluster/worker.js'));
      return runWorker(config, log);
    }
    const registry = await startSmall(async () => {
      const start =
        config.server.workers === 1
          ? (await import('../compose.js')).startRegistry
          : (await import('../cluster/primary.js')).startCluster;
      return start(config, log);
    });
    if (registry.newOwnerTokenFile !== undefined)
      io.stderr(`owner token written to ${registry.newOwnerTokenFile} (mode 0600)\n`);
    if (registry.frozenLog) io.stderr(describeFailure(registry.frozenLog));
    io.stdout(`listening on ${registry.url}\n`);
    void warnOfProvider(config, log, io);
    await untilStopped(io.stopped, registry);
    return 0;
  },
};

/** Beside the service: a provider that is slow, or comes up later, holds nothing up. */
async function warnOfProvider({ signIn }: Config, log: Logger, io: Pick<VerbIo, 'stderr'>): Promise<void> {
  if (signIn.oidc === undefined) return;
  const { findProviderFault } = await import('../compose/sign-in.js');
  const fault = await findProviderFault(signIn, log);
  if (fault) io.stderr(`warning: ${fault.detail}\n  help: ${fault.remedy}\n`);
}
