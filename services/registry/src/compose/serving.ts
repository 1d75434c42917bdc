import { createHandler } from '../app.js';
import { createEventWaker } from '../domain/events/waker.js';
import { loadAssets } from '../web/assets/assets.js';
import { createAppDeps } from './app.js';
import type { Base } from './base.js';
import { createCloseStack, type Closable } from './close-stack.js';
import { openHttp } from './http.js';
import { openMetricsListener } from './metrics-listener.js';
import { openReads } from './reads.js';
import { openSearch } from './search.js';

export interface Serving extends Closable {
  readonly url: string;
}

export interface ServingOptions {
  /** The metrics of the whole service on this machine, as text. */
  readonly scrape: () => Promise<string>;
  /** Whether this process answers on `SHEAF_METRICS_LISTEN`. */
  readonly hasMetricsListener: boolean;
}

/** Takes requests. Closing says first that it stops, takes no more, and lets those in progress end. */
export async function openServing(
  base: Base,
  { scrape, hasMetricsListener }: ServingOptions,
): Promise<Serving> {
  const { server, observability, database } = base.config;
  const stopping = new AbortController();
  const stack = createCloseStack();
  const events = createEventWaker({ db: base.database.db });
  const assets = await loadAssets();
  const opened = { ...stack.add(openReads(base)), ...stack.add(openSearch(base)), events, assets };
  const deps = createAppDeps(base, opened, {
    version: base.observability.version,
    isStopping: () => stopping.signal.aborted,
    hasPrivateDatabase: database.isPrivate,
    scrape,
    metricsToken: observability.metricsToken,
  });
  try {
    const { url } = stack.add(
      await openHttp(server, {
        handle: createHandler(deps),
        deps,
        stopping,
        onRefused: reportRefused(base, server.maxConnections),
      }),
    );
    // Closed before the server is: nobody waits for an event that will not come.
    stack.add(events);
    if (hasMetricsListener && observability.metricsListen)
      stack.add(await openMetricsListener(observability.metricsListen, scrape));
    return { url, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

const REPORT_INTERVAL_MS = 60_000;

/** Counts every refused connection, and tells the log of them at most once a minute. */
function reportRefused(
  { elapsedMs, log, observability }: Pick<Base, 'elapsedMs' | 'log' | 'observability'>,
  most: number,
): () => void {
  let toldMs = -Infinity;
  return () => {
    observability.metrics.rateLimited('connections');
    if (elapsedMs() - toldMs < REPORT_INTERVAL_MS) return;
    toldMs = elapsedMs();
    log.warn(
      {
        connections: most,
        hint: 'limit connections in the proxy, add processes, or raise SHEAF_MAX_CONNECTIONS',
      },
      'new connections are refused: as many are open as may be',
    );
  };
}
