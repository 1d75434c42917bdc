import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from './support/test-registry.js';
import { call, openNamespace, publish } from './support/upload.js';

const HOUR_MS = 3_600_000;

let registry: TestRegistry;
/** What the registry takes for the time of day. */
let now: () => number;
beforeEach(async () => {
  now = () => Date.now();
  const ofRegistry = () => now();
  registry = await startTestRegistry({ now: ofRegistry }, () => ({ now: ofRegistry }));
  await openNamespace(registry);
});
afterEach(() => registry.close());

const setBack = () => {
  now = () => Date.now() - HOUR_MS;
};

test.each([
  ['is set back', setBack],
  [
    'stands still',
    () => {
      const atMs = Date.now();
      now = () => atMs;
    },
  ],
])('publishes go on while the clock %s, and none is earlier than the one before', async (_, set) => {
  expect((await publish(registry, { version: '1.0.0' })).status).toBe(201);
  set();
  expect((await publish(registry, { version: '1.1.0' })).status).toBe(201);
  const { json } = await call(registry, '/v1/workflows/acme/deploy');
  const versions = json['versions'] as { version: string; publishedAt: string }[];
  const [first = '', second = ''] = ['1.0.0', '1.1.0'].map(
    (version) => versions.find((v) => v.version === version)?.publishedAt,
  );
  expect(Date.parse(second)).toBeGreaterThanOrEqual(Date.parse(first));
});

test('who waits for an event is let go in time, though the clock is set back meanwhile', async () => {
  const { json } = await call(registry, '/v1/events?limit=1000');
  const waiting = call(registry, `/v1/events?after=${String(json['next'])}&wait=1`);
  await sleep(300);
  setBack();
  expect((await waiting).json['events']).toEqual([]);
});

test('whoever holds a body back is looked at again, though the clock is set back meanwhile', async () => {
  const token = await registry.addUser('holder');
  const held = request(`${registry.url}/v1/namespaces`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Content-Length': 15 },
  });
  const answered = once(held, 'response') as Promise<[IncomingMessage]>;
  held.write('{"name"');
  await sleep(400);
  setBack();
  await registry.db
    .deleteFrom('tokens')
    .where('id', '=', token.split('_')[1] ?? '')
    .execute();
  held.end(':"held"}');
  const [{ statusCode }] = await answered;
  expect(statusCode).toBe(401);
});
