import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { insertingEvents } from '../../src/db/event-queries.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import { buildUpload, call, openNamespace, publish } from '../support/upload.js';
import { ask } from './raw.js';

let registry: TestRegistry;
let readers: Socket[];
beforeEach(async () => {
  registry = await startTestRegistry();
  readers = [];
  await openNamespace(registry);
});
afterEach(async () => {
  for (const reader of readers) reader.destroy();
  await registry.close();
});

/** Asks, and reads nothing of what comes. */
async function askAndNotRead(path: string, times: number, { token = '', pipelined = 1 } = {}): Promise<void> {
  const { hostname, port } = new URL(registry.url);
  const authorization = token === '' ? '' : `Authorization: Bearer ${token}\r\n`;
  for (let i = 0; i < times; i += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${authorization}\r\n`.repeat(pipelined));
    socket.pause();
    readers.push(socket);
  }
  await sleep(1_000);
}

const waiting = () => registry.deps.reads.outgoing.sizeBytes;

const readme = (sizeBytes: number) => ({
  path: 'README.md',
  bytes: new Uint8Array(randomBytes(sizeBytes)),
  executable: false,
});

test('however many do not read what they asked for, others download', { timeout: 60_000 }, async () => {
  await publish(registry, { name: 'large', readme: readme(6 << 20) });
  const path = '/v1/workflows/acme/large/1.0.0/download';
  await askAndNotRead(path, 150);
  const answer = await Promise.race([ask(registry, path), sleep(20_000)]);
  expect([answer?.status, (answer?.body.length ?? 0) > 6 << 20]).toEqual([200, true]);
});

test(
  'a staged bundle that nobody reads is not held for each who asked for it',
  { timeout: 60_000 },
  async () => {
    const upload = await buildUpload(registry, { name: 'staged', readme: readme(6 << 20) });
    const form = new FormData();
    form.append('envelope', new Blob([Buffer.from(upload.envelope)]), 'envelope.json');
    form.append('bundle', new Blob([Buffer.from(upload.blob)]), 'bundle.tar.gz');
    const token = registry.ownerToken;
    const staged = await call(registry, '/v1/workflows?stage=true', { method: 'POST', body: form, token });
    const path = `/v1/stages/${String(staged.json['id'])}/bundles/0`;
    const before = process.memoryUsage().arrayBuffers;
    await askAndNotRead(path, 40, { token });
    expect(waiting()).toBeGreaterThan(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    const whole = await call(registry, path, { token });
    expect([whole.status, whole.bytes.equals(Buffer.from(upload.blob))]).toEqual([200, true]);
    const part = await call(registry, path, { token, headers: { Range: 'bytes=1000-1999' } });
    expect([part.status, part.bytes.equals(Buffer.from(upload.blob.subarray(1000, 2000)))]).toEqual([
      206,
      true,
    ]);
    const head = await call(registry, path, { token, method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(upload.blob.length)]);
  },
);

test(
  'long lists that nobody reads are counted, and let go with their connections',
  { timeout: 60_000 },
  async () => {
    const events = Array.from({ length: 1000 }, (_, logIndex) => ({
      topic: 'namespace.created' as const,
      detail: {},
      realm: 'public',
      logIndex: 1_000_000 + logIndex,
      namespace: 'acme',
      at: new Date(),
    }));
    await registry.db.transaction().execute((trx) => insertingEvents(events).execute(trx));
    await askAndNotRead('/v1/events?limit=1000', 2, { pipelined: 40 });
    await vi.waitFor(
      () => {
        expect(waiting()).toBeGreaterThan(0);
      },
      { timeout: 15_000 },
    );
    for (const reader of readers) reader.destroy();
    await vi.waitFor(() => {
      expect(waiting()).toBe(0);
    });
  },
);

test('an answer that waits behind another of its connection ends with it', async () => {
  await publish(registry, { name: 'large', readme: readme(6 << 20) });
  await askAndNotRead('/v1/workflows/acme/large/1.0.0/download', 3, { pipelined: 4 });
  expect(waiting()).toBeGreaterThan(0);
  for (const reader of readers) reader.destroy();
  await vi.waitFor(() => {
    expect(waiting()).toBe(0);
  });
});

test('what is refused for want of room is told in plain, with nothing of what was to be sent', async () => {
  const upload = await buildUpload(registry, { name: 'staged', readme: readme(64 << 10) });
  const form = new FormData();
  form.append('envelope', new Blob([Buffer.from(upload.envelope)]), 'envelope.json');
  form.append('bundle', new Blob([Buffer.from(upload.blob)]), 'bundle.tar.gz');
  const token = registry.ownerToken;
  const staged = await call(registry, '/v1/workflows?stage=true', { method: 'POST', body: form, token });
  const events = Array.from({ length: 1000 }, (_, logIndex) => ({
    topic: 'namespace.created' as const,
    detail: { random: randomBytes(64).toString('hex') },
    realm: 'public',
    logIndex: 1_000_000 + logIndex,
    namespace: 'acme',
    at: new Date(),
  }));
  await registry.db.transaction().execute((trx) => insertingEvents(events).execute(trx));
  const owner = { Authorization: `Bearer ${token}` };
  const gzip = { 'Accept-Encoding': 'gzip' };
  const asked = [
    ['/v1/events?limit=1000', gzip],
    [`/v1/stages/${String(staged.json['id'])}/bundles/0`, { ...owner, Range: 'bytes=1000-60000' }],
  ] as const;
  const unpacked = async () => {
    const answers = await Promise.all(asked.map(([path, headers]) => ask(registry, path, headers)));
    return answers.map(({ status, headers: { 'content-encoding': encoding, ...headers } }) => [
      status,
      encoding,
      headers['content-range'],
    ]);
  };
  await vi.waitFor(async () => {
    const { body } = await ask(registry, '/v1/events?limit=1000', gzip);
    expect(body.length).toBeGreaterThan(64 << 10);
  });
  expect(await unpacked()).toEqual([
    [200, 'gzip', undefined],
    [206, undefined, expect.stringContaining('bytes 1000-60000/')],
  ]);
  const full = registry.deps.reads.outgoing.hold('elsewhere', 1 << 30, () => undefined);
  for (const [path, headers] of asked) {
    full.moved();
    const answer = await ask(registry, path, headers);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '2',
      'content-length': String(answer.body.length),
    });
    for (const name of ['content-encoding', 'content-range', 'accept-ranges', 'etag'])
      expect([name, answer.headers[name]]).toEqual([name, undefined]);
    expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
      503,
      expect.objectContaining({ code: 'service.busy' }),
    ]);
  }
  full.release();
});
