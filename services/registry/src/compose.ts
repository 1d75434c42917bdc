import type { Logger } from 'pino';
import { openBase } from './compose/base.js';
import { createCloseStack } from './compose/close-stack.js';
import { openServing } from './compose/serving.js';
import { openTending } from './compose/tending.js';
import type { Config } from './config.js';
import type { LogFrozenError } from './domain/log/frozen.js';
import { renderMetrics } from './observability/prometheus.js';

export interface RunningRegistry {
  readonly url: string;
  readonly origin: string;
  /** Set when this start made the owner's token: the file that holds it. */
  readonly newOwnerTokenFile: string | undefined;
  /** Set when nothing can be published until the operator has put the right database back; reads are served. */
  readonly frozenLog: LogFrozenError | undefined;
  /** Resolves when it cannot have its database any more: it is to be stopped then, and may be started again. */
  readonly lost: Promise<Error>;
  /** Stops taking requests, lets those in progress end, then stops everything it started. */
  stop(): Promise<void>;
}

/**
 * Builds the whole service in one process from its configuration, and starts it. Each part is one file of `compose/`
 * that opens and closes something; they alone see every layer. What was opened before a failure is closed again.
 *
 * @throws StartError, PostgresError and others with `code` and `hint`
 */
export async function startRegistry(config: Config, log: Logger): Promise<RunningRegistry> {
  const stack = createCloseStack();
  try {
    const base = stack.add(await openBase(config, log));
    const { prometheus } = base.observability;
    prometheus.setWorkers(1);
    stack.add(await openTending(base));
    const { url } = stack.add(
      await openServing(base, {
        scrape: async () => renderMetrics([await prometheus.snapshot()]),
        hasMetricsListener: true,
      }),
    );
    const { newOwnerTokenFile, frozenLog, identity, database } = base;
    const { lost } = database;
    return { url, origin: identity.origin, newOwnerTokenFile, frozenLog, lost, stop: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}
