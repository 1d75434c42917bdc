import type { Logger } from 'pino';
import type { RunningRegistry } from '../compose.js';
import { openBase } from '../compose/base.js';
import { createCloseStack } from '../compose/close-stack.js';
import { openMetricsListener } from '../compose/metrics-listener.js';
import { openTending } from '../compose/tending.js';
import type { Config } from '../config.js';
import { renderMetrics } from '../observability/prometheus.js';
import { startCrew } from './crew.js';
import { chosenPort } from './chosen-port.js';

/** What a worker gets to stop beyond what its requests get. */
const STOP_MARGIN_MS = 5_000;

/**
 * The service in several processes: this one holds the data directory, the private database and the work that nobody
 * waits for; `SHEAF_WORKERS` others serve requests.
 *
 * @throws StartError, PostgresError and others with `code` and `hint`
 */
export async function startCluster(config: Config, log: Logger): Promise<RunningRegistry> {
  const stack = createCloseStack();
  const { workers, host, drainTimeoutMs, stopDelayMs } = config.server;
  try {
    const base = stack.add(await openBase(config, log));
    const { prometheus } = base.observability;
    prometheus.setWorkers(workers);
    stack.add(await openTending(base));
    const { url, scrape, stop } = await startCrew({
      size: workers,
      databaseUrl: base.database.url,
      port: await chosenPort(host, config.server.port),
      stopTimeoutMs: stopDelayMs + drainTimeoutMs + STOP_MARGIN_MS,
      render: async (others) => renderMetrics([await prometheus.snapshot(), ...others]),
      log,
    });
    stack.add({ close: stop });
    const { metricsListen } = config.observability;
    if (metricsListen) stack.add(await openMetricsListener(metricsListen, scrape));
    const { newOwnerTokenFile, frozenLog, identity, database } = base;
    const { lost } = database;
    return { url, origin: identity.origin, newOwnerTokenFile, frozenLog, lost, stop: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}
