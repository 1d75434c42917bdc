import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
});
afterEach(() => registry.close());

const PUBLISH = { path: '/v1/workflows', type: 'multipart/form-data; boundary=x' };
const CREATE = { path: '/v1/namespaces', type: 'application/json' };

/** A request whose body comes a byte at a time, and the status line that it is answered with in the end. */
function drip({ path, type }: typeof PUBLISH): { readonly answered: Promise<string> } {
  const { hostname, port } = new URL(registry.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${registry.ownerToken}\r\n` +
      `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n--x\r\n\r\n`,
  );
  const dripping = setInterval(() => socket.write('1\r\nx\r\n'), 500);
  const answered = new Promise<string>((resolve) => {
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString('latin1').split('\r\n', 1)[0] ?? '');
    });
    socket.once('close', () => {
      resolve('closed');
    });
  }).finally(() => {
    clearInterval(dripping);
    socket.destroy();
  });
  return { answered };
}

test('bodies that drip take no room from others, and are given up', { timeout: 60_000 }, async () => {
  const dripping = [PUBLISH, PUBLISH, PUBLISH, PUBLISH, CREATE].map(drip);
  await sleep(1_000);
  expect((await publish(registry)).status).toBe(201);
  const answers = await Promise.all(dripping.map(({ answered }) => answered));
  expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
});
