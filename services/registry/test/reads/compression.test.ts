import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { openNamespace, publish } from '../support/upload.js';
import { ask } from './raw.js';

/** Answers that are made for each request, large enough to be worth it. */
const TAGGED = ['/v1/workflows?q=deploy', '/feed.atom'];
const UNTAGGED = ['/v1/events', '/v1/audit'];

const GZIP = { 'Accept-Encoding': 'gzip' };
let registry: TestRegistry;
let owner: Record<string, string>;
beforeAll(async () => {
  registry = await startTestRegistry();
  await openNamespace(registry);
  for (let i = 0; i < 8; i += 1) await publish(registry, { name: `deploy-${i}` });
  owner = { Authorization: `Bearer ${registry.ownerToken}` };
});
afterAll(() => registry.close());

/** Search with or without a token is the same here; the audit needs one. */
const headersFor = (path: string) => (path === '/v1/audit' ? owner : {});

test.each([...TAGGED, ...UNTAGGED])(
  '%s is packed for whoever asks for it, and for nobody else',
  async (path) => {
    const plain = await ask(registry, path, headersFor(path));
    expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined]);
    const packed = await ask(registry, path, { ...headersFor(path), ...GZIP });
    expect([packed.status, packed.headers['content-encoding']]).toEqual([200, 'gzip']);
    expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
    expect(packed.headers['content-length']).toBe(String(packed.body.length));
    expect(packed.body.length).toBeLessThan(plain.body.length / 2);
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    for (const { headers } of [plain, packed]) expect(headers.vary).toContain('Accept-Encoding');
  },
);

test.each(TAGGED)('%s has a tag for each encoding, and is not sent again to whoever has it', async (path) => {
  const plain = await ask(registry, path);
  const packed = await ask(registry, path, GZIP);
  expect(packed.headers.etag).not.toBe(plain.headers.etag);
  const tag = { 'If-None-Match': packed.headers.etag ?? '' };
  expect((await ask(registry, path, { ...GZIP, ...tag })).status).toBe(304);
  expect((await ask(registry, path, tag)).status).toBe(200);
});

test.each(TAGGED)(
  '%s says to HEAD what GET would, and gives a part of the bytes as they are',
  async (path) => {
    const packed = await ask(registry, path, GZIP);
    const head = await ask(registry, path, GZIP, 'HEAD');
    for (const name of ['etag', 'content-length', 'content-encoding'])
      expect(head.headers[name]).toBe(packed.headers[name]);
    const part = await ask(registry, path, { ...GZIP, Range: 'bytes=0-3' });
    expect([part.status, part.body.length, part.headers['content-encoding']]).toEqual([206, 4, undefined]);
  },
);

test('an export of the audit comes as it is made', async () => {
  const answer = await ask(registry, '/v1/audit', { ...owner, ...GZIP, Accept: 'application/x-ndjson' });
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.body.toString().trim().split('\n').length).toBeGreaterThan(8);
});

test('a document that is held keeps its own tag, packed or not', async () => {
  for (const path of ['/v1/workflows/acme/deploy-1', '/healthz']) {
    const first = await ask(registry, path, GZIP);
    expect((await ask(registry, path, GZIP)).headers.etag).toBe(first.headers.etag);
  }
});
