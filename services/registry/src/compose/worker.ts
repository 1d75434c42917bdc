import type { Logger } from 'pino';
import type { RunningRegistry } from '../compose.js';
import type { Config } from '../config.js';
import { renderMetrics } from '../observability/prometheus.js';
import { openBase } from './base.js';
import { createCloseStack } from './close-stack.js';
import { openMetricsListener } from './metrics-listener.js';
import { openTending } from './tending.js';

/**
 * A process that does the work nobody waits for, and serves nothing but its metrics.
 *
 * @throws StartError, PostgresError and others with `code` and `hint`
 */
export async function startWorker(
  config: Config,
  log: Logger,
): Promise<Pick<RunningRegistry, 'lost' | 'stop'>> {
  const stack = createCloseStack();
  try {
    const working = { ...config, jobs: { ...config.jobs, isOn: true } };
    const base = stack.add(await openBase(working, log, { needs: 'registry' }));
    const { prometheus } = base.observability;
    prometheus.setWorkers(1);
    stack.add(await openTending(base));
    const { metricsListen } = config.observability;
    const scrape = async () => renderMetrics([await prometheus.snapshot()]);
    if (metricsListen) stack.add(await openMetricsListener(metricsListen, scrape));
    return { lost: base.database.lost, stop: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}
