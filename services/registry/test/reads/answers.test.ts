import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHandler } from '../../src/app.js';
import { connectDatabase } from '../../src/db/connection.js';
import { noMetrics } from '../../src/observability/metrics.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { callJson, openNamespace, publish } from '../support/upload.js';
import { ask } from './raw.js';

const WORKFLOW = '/v1/workflows/acme/deploy';
const VERSION = `${WORKFLOW}/1.0.0`;
/** Everything that is answered from memory once it was asked for. */
const HELD = [
  WORKFLOW,
  VERSION,
  `${VERSION}/receipt`,
  `${VERSION}/envelope`,
  `${VERSION}/proof`,
  `${VERSION}/standing`,
  `${VERSION}/download`,
  `${VERSION}/plan`,
  '/log/public/checkpoint',
  '/log/public/tile/entries/000.p/2',
  '/.well-known/sheaf-registry',
  '/v1/namespaces/acme',
  '/v1/namespaces/acme/keys',
  '/v1/tags',
];

let registry: TestRegistry;
let requests: { route: string; method: string; status: number }[];
beforeAll(async () => {
  requests = [];
  registry = await startTestRegistry({
    metrics: {
      ...noMetrics,
      request: ({ route, method, status }) => requests.push({ route, method, status }),
    },
  });
  await openNamespace(registry);
  for (let i = 0; i < 10; i += 1) await publish(registry, { version: `1.0.${i}` });
});
afterAll(() => registry.close());

describe('from memory', () => {
  test.each(HELD)('%s is answered as it was the first time', async (path) => {
    const first = await ask(registry, path);
    expect(first.status).toBe(200);
    expect(registry.deps.reads.open.find(path)).toBeDefined();
    const second = await ask(registry, path);
    expect(second.status).toBe(200);
    expect(second.body.equals(first.body)).toBe(true);
    const form = ({ headers }: typeof first) =>
      Object.fromEntries(
        Object.entries(headers).filter(
          ([name]) =>
            !['date', 'x-request-id', 'connection', 'keep-alive', 'transfer-encoding'].includes(name),
        ),
      );
    const names = ({ headers }: typeof first) => new Set(headers.vary?.split(', '));
    expect({ ...form(second), vary: names(second) }).toEqual({ ...form(first), vary: names(first) });
  });

  test.each(HELD)('%s is answered to HEAD, to a range and to whoever has it', async (path) => {
    const get = await ask(registry, path);
    const head = await ask(registry, path, {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers['content-length']).toBe(String(get.body.length));
    const part = await ask(registry, path, { Range: 'bytes=-3' });
    expect([part.status, part.body.equals(get.body.subarray(-3))]).toEqual([206, true]);
    const same = await ask(registry, path, { 'If-None-Match': `"x", W/${get.headers.etag ?? ''}` });
    expect([same.status, same.body.length, same.headers.etag]).toEqual([304, 0, get.headers.etag]);
    expect(same.headers['content-type']).toBeUndefined();
    const beyond = await ask(registry, path, { Range: 'bytes=99999999-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${get.body.length}`]);
  });
});

test('each encoding has its own tag and says what it depends on', async () => {
  const plain = await ask(registry, WORKFLOW);
  const packed = await ask(registry, WORKFLOW, { 'Accept-Encoding': 'br, gzip;q=0.8' });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  expect(packed.headers.etag).not.toBe(plain.headers.etag);
  for (const { headers } of [plain, packed]) {
    expect(headers.vary).toBe('Accept-Encoding');
    expect(headers.etag).toMatch(/^"[^"]+"$/);
  }
  const headers = { 'Accept-Encoding': 'gzip' };
  const tag = packed.headers.etag ?? '';
  expect((await ask(registry, WORKFLOW, { ...headers, 'If-None-Match': tag })).status).toBe(304);
  expect((await ask(registry, WORKFLOW, { 'If-None-Match': tag })).status).toBe(200);
  const part = await ask(registry, WORKFLOW, { ...headers, Range: 'bytes=5-9', 'If-Range': tag });
  expect([part.status, part.body.equals(packed.body.subarray(5, 10))]).toEqual([206, true]);
  const refused = await ask(registry, WORKFLOW, { 'Accept-Encoding': 'gzip;q=0, identity' });
  expect(refused.headers['content-encoding']).toBeUndefined();
});

test('nothing of a request is lost on the short way: its id, its line in the metrics, the security headers', async () => {
  await ask(registry, VERSION);
  requests.length = 0;
  const answer = await ask(registry, VERSION, { 'X-Request-Id': 'my-request-1' });
  expect(answer.headers).toMatchObject({
    'x-request-id': 'my-request-1',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'access-control-allow-origin': '*',
  });
  const other = await ask(registry, VERSION, { 'X-Request-Id': 'a b' });
  expect(other.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  const route = '/v1/workflows/:namespace/:name/:version';
  expect(requests).toEqual([
    { route, method: 'GET', status: 200 },
    { route, method: 'GET', status: 200 },
  ]);
});

test('a request with a token, or with a body, is looked at in full', async () => {
  expect((await ask(registry, VERSION, { Authorization: 'Bearer shf_wrong' })).status).toBe(401);
  const withToken = await ask(registry, VERSION, { Authorization: `Bearer ${registry.ownerToken}` });
  expect([withToken.status, withToken.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  expect((await ask(registry, VERSION, { 'Content-Length': '0' })).status).toBe(200);
});

describe('scripts of other origins', () => {
  const preflight = (path: string, method: string) =>
    ask(registry, path, { Origin: 'https://a.example', 'Access-Control-Request-Method': method }, 'OPTIONS');

  test('may read what anybody may read', async () => {
    const answer = await preflight(WORKFLOW, 'GET');
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD');
    expect(answer.headers['access-control-allow-headers']).not.toMatch(/authorization/i);
    const missing = await ask(registry, '/v1/workflows/acme/none', { Origin: 'https://a.example' });
    expect([missing.status, missing.headers['access-control-allow-origin']]).toEqual([404, '*']);
    expect(missing.headers['access-control-expose-headers']).toContain('RateLimit');
  });

  test('may not write', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await preflight('/v1/workflows', method);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const write = await ask(registry, '/v1/workflows', { Origin: 'https://a.example' }, 'POST');
    expect(write.headers['access-control-allow-origin']).toBeUndefined();
  });
});

test('while the database is out of reach, what is held is served and writes are told to come back', async () => {
  for (const path of HELD) expect((await ask(registry, path)).status).toBe(200);
  const db = connectDatabase({
    url: 'postgres://nobody@127.0.0.1:1/none',
    maxConnections: 2,
    onConnectionError: () => undefined,
  });
  const server = createServer(createHandler({ ...registry.deps, db }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  for (const path of HELD) expect([path, (await ask(cut, path)).status]).toEqual([path, 200]);
  const write = await callJson({ ...registry, ...cut }, 'POST', '/v1/namespaces', { name: 'later' });
  expect([write.status, write.json['code']]).toEqual([503, 'service.database_down']);
  expect(Number(write.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask(cut, `${WORKFLOW}/9.9.9`)).status).toBe(503);
  server.close();
  await db.destroy();
});
