import { createServer } from 'node:http';
import { listen } from '../listen.js';
import { METRICS_CONTENT_TYPE } from '../observability/content-type.js';
import type { Closable } from './close-stack.js';

/**
 * Serves `/metrics`, and `/healthz` to whatever looks whether the process lives, to everybody who reaches the address: beside
 * the connections of those who use the service.
 */
export async function openMetricsListener(
  address: { readonly host: string; readonly port: number },
  scrape: () => Promise<string>,
): Promise<Closable & { readonly url: string }> {
  const server = createServer({ maxHeaderSize: 8 * 1024, requestTimeout: 10_000 }, (request, response) => {
    if (request.url === '/healthz') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
      return;
    }
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    scrape().then(
      (text) => response.writeHead(200, { 'Content-Type': METRICS_CONTENT_TYPE }).end(text),
      () => response.writeHead(503).end(),
    );
  });
  const url = await listen(server, { ...address, flag: 'SHEAF_METRICS_LISTEN' });
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
