import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WHOAMI } from './client-of.js';
import type { Certified } from './authority.js';

/** A server that tells everybody over TLS who they are, each on a connection of its own; it ends with the test. */
export async function startTlsServer(
  leaf: Certified,
  /** Certificates that it sends behind its own, in PEM. */
  behind: readonly string[] = [],
): Promise<{ readonly port: number; readonly count: () => number }> {
  let count = 0;
  const server = createServer({ key: leaf.key, cert: [leaf.cert, ...behind].join('\n') }, (_, response) => {
    count++;
    response.setHeader('content-type', 'application/json').setHeader('connection', 'close');
    response.end(JSON.stringify(WHOAMI));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, count: () => count };
}
