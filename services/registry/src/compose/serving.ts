import { createHandler } from '../app.js';
import { createEventWaker } from '../domain/events/waker.js';
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
  const { server, observability } = base.config;
  const stopping = new AbortController();
  const stack = createCloseStack();
  const events = createEventWaker({ db: base.database.db });
  const opened = { ...stack.add(openReads(base)), ...stack.add(openSearch(base)), events };
  const deps = createAppDeps(base, opened, {
    version: base.observability.version,
    isStopping: () => stopping.signal.aborted,
    scrape,
    metricsToken: observability.metricsToken,
  });
  try {
    const { url } = stack.add(
      await openHttp(server, {
        handle: createHandler(deps),
        stopping,
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
