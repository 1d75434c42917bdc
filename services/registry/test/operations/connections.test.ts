import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startComposedRegistry, type ComposedRegistry } from '../support/composed-registry.js';
import { call } from '../support/upload.js';

let registry: ComposedRegistry;
let sockets: Socket[];
beforeEach(async () => {
  registry = await startComposedRegistry({ SHEAF_MAX_CONNECTIONS: '3' });
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await registry.close();
});

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(registry.url);
  const socket = connect(Number(port), hostname);
  // Of one that is refused.
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

const HEAD = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';

/** What is answered next on a connection; nothing when it is ended instead. */
async function answered(socket: Socket, request = `${HEAD}\r\n`): Promise<string> {
  socket.write(request);
  const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as unknown[];
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** A connection on which a request has begun; the rest of it is to come. */
async function begin(): Promise<Socket> {
  const socket = await open();
  socket.write(HEAD);
  return socket;
}

const metrics = async () => (await call(registry, '/metrics')).bytes.toString();

test('beyond the most connections new ones are ended, those with a request go on, and there is room again when one ends', async () => {
  const [first, second, third] = [await begin(), await begin(), await open()];
  expect(await answered(await open())).toBe('');
  expect(await answered(await open())).toBe('');
  for (const socket of [first, second]) expect(await answered(socket, '\r\n')).toContain('200 OK');
  expect(await answered(third)).toContain('200 OK');
  third.destroy();
  await expect.poll(async () => answered(await open())).toContain('200 OK');
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(() => metrics().catch(() => 'refused'))
    .toMatch(/sheaf_rate_limited_total\{kind="connections"\} [2-9]/);
  const told = registry.lines.filter(({ msg }) => String(msg).startsWith('new connections are refused'));
  expect(told).toMatchObject([
    { connections: 3, hint: expect.stringContaining('SHEAF_MAX_CONNECTIONS') as string },
  ]);
});

test('connections between two requests make room for a new one, and one with a request does not', async () => {
  const [first, second] = [await open(), await open()];
  for (const socket of [first, second]) expect(await answered(socket)).toContain('200 OK');
  const ended = Promise.all([once(first, 'close'), once(second, 'close')]);
  const third = await begin();
  expect(await answered(await open())).toContain('200 OK');
  await ended;
  expect(await answered(third, '\r\n')).toContain('200 OK');
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => metrics().catch(() => 'refused')).toContain('sheaf_http_requests_total');
  expect(await metrics()).not.toMatch(/sheaf_rate_limited_total\{kind="connections"\} [1-9]/);
});
