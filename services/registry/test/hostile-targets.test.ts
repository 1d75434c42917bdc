import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './reads/raw.js';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startTestRegistry({
    operations: {
      version: '0.0.0',
      isStopping: () => false,
      scrape: () => Promise.resolve('up 1\n'),
      metricsToken: undefined,
    },
  });
});
afterAll(() => registry.close());

/** The status line of what is answered to a request line as it is given. */
function statusOf(requestLine: string): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(registry.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer.split('\r\n', 1)[0] ?? '');
    });
    socket.write(
      `${requestLine} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${registry.ownerToken}\r\nConnection: close\r\n\r\n`,
    );
  });
}

test.each([
  ['GET http://[::1', 'HTTP/1.1 400 Bad Request'],
  ['GET /log/%00/checkpoint', 'HTTP/1.1 404 Not Found'],
  ['GET /log/a%00b/tile/0/000', 'HTTP/1.1 404 Not Found'],
  ['DELETE /v1/trusted-publishers/%00', 'HTTP/1.1 204 No Content'],
  ['GET http://example.com/healthz', 'HTTP/1.1 200 OK'],
  ['OPTIONS *', 'HTTP/1.1 404 Not Found'],
])('%s is answered, and not by a 500', async (requestLine, status) => {
  expect(await statusOf(requestLine)).toBe(status);
});

test('a body that turns out too long is answered, and not just cut off', async () => {
  const { hostname, port } = new URL(registry.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(
    `POST /v1/namespaces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${registry.ownerToken}\r\n` +
      `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n${'a'.repeat(0x11000)}\r\n`,
  );
  const [answer] = await answered;
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 413 [\s\S]*request\.too_large/);
  socket.destroy();
});

test('metrics are for whoever asks this machine by its own name, and for no page of elsewhere', async () => {
  const own = await ask(registry, '/metrics');
  expect([own.status, own.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  const named = await ask(registry, '/metrics', { Host: 'localhost:7811' });
  expect(named.status).toBe(200);
  const rebound = await ask(registry, '/metrics', { Host: 'evil.example:7811' });
  expect([rebound.status, rebound.headers['access-control-allow-origin']]).toEqual([403, undefined]);
});
