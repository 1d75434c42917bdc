import { createServer, type RequestListener, type Server } from 'node:http';
import type { Config } from '../config.js';
import { listen } from '../listen.js';
import type { Closable } from './close-stack.js';

/** A connection on which nothing moves for so long is ended, also when it is the reader who does not read. */
const IDLE_TIMEOUT_MS = 60_000;

export interface OpenedServer extends Closable {
  readonly url: string;
}

/** Listens for requests. Closing takes no more of them and lets those in progress end. */
export async function openHttp(config: Config['server'], handle: RequestListener): Promise<OpenedServer> {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 120_000, headersTimeout: 15_000 },
    handle,
  );
  server.setTimeout(IDLE_TIMEOUT_MS);
  const url = await listen(server, { host: config.host, port: config.port, flag: '--port' });
  return { url, close: () => drain(server, config.drainTimeoutMs) };
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
