import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppDeps } from '../app-deps.js';
import type { Config } from '../config.js';
import { answerMalformed } from '../http/malformed.js';
import { listen } from '../listen.js';
import type { Closable } from './close-stack.js';
import { capConnections } from './connections.js';

/** A connection on which nothing moves for so long is ended, also when it is the reader who does not read. */
const IDLE_TIMEOUT_MS = 60_000;
/** Between two requests. Longer than proxies keep a connection, mostly a minute: else one sends a request on what is just being ended. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Until the head of a request is there, also of the first, and until all of it is. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 120_000;
/** How exact these two are; Node itself looks every 30 seconds. */
const CHECK_INTERVAL_MS = 5_000;

export interface OpenedServer extends Closable {
  readonly url: string;
}

export interface HttpOptions {
  readonly handle: RequestListener;
  /** To record what `handle` does not get to see. */
  readonly deps: Pick<AppDeps, 'log' | 'metrics'>;
  /** Aborted when the service begins to stop, before it takes no more requests. */
  readonly stopping: AbortController;
  /** Told of each connection that is refused because there are `maxConnections`. */
  readonly onRefused: () => void;
}

/**
 * Listens for requests. Closing aborts `stopping`, goes on for `stopDelayMs` so that whoever spreads requests notices,
 * then takes no more of them and lets those in progress end, each with its connection.
 */
export async function openHttp(
  config: Config['server'],
  { handle, deps, stopping, onRefused }: HttpOptions,
): Promise<OpenedServer> {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      // Looked at by the service, which says so.
      requireHostHeader: false,
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    (request, response) => {
      // The connection ends with the answer: the next request goes to somebody who stays.
      if (stopping.signal.aborted) response.setHeader('Connection', 'close');
      else response.once('finish', closeWhenStopping);
      handle(request, response);
    },
  );
  const closeWhenStopping = () => {
    if (stopping.signal.aborted)
      setImmediate(() => {
        server.closeIdleConnections();
      });
  };
  server.setTimeout(IDLE_TIMEOUT_MS);
  answerMalformed(server, deps);
  capConnections(server, { most: config.maxConnections, onRefused });
  const url = await listen(server, { host: config.host, port: config.port, flag: '--port' });
  return {
    url,
    close: async () => {
      stopping.abort();
      if (config.stopDelayMs > 0) await sleep(config.stopDelayMs);
      await drain(server, config.drainTimeoutMs);
    },
  };
}

function drain(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
