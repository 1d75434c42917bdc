import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDownloads } from '../../src/db/download-queries.js';
import { ObjectStoreError, type ObjectStore } from '../../src/objects/port.js';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';
import {
  buildUpload,
  callJson,
  keyEvent,
  openNamespace,
  publish,
  PUBLISHER,
  send,
  sendKey,
} from '../support/upload.js';
import { ask } from './raw.js';

const WORKFLOW = '/v1/workflows/acme/deploy';
const DOWNLOAD = `${WORKFLOW}/1.0.0/download`;

let registry: TestRegistry;
let isStoreDown = false;
let large: Awaited<ReturnType<typeof buildUpload>>;
beforeAll(async () => {
  registry = await startTestRegistry();
  // A store that can be switched off, and everything that reads it.
  const { objects } = registry.deps;
  const guard =
    <Arguments extends unknown[], Result>(work: (...args: Arguments) => Promise<Result>) =>
    (...args: Arguments): Promise<Result> =>
      isStoreDown ? Promise.reject(new ObjectStoreError('object.unavailable', 'off')) : work(...args);
  const mutable = objects as { -readonly [Key in keyof ObjectStore]: ObjectStore[Key] };
  mutable.get = guard(objects.get.bind(objects));
  mutable.getRange = guard(objects.getRange.bind(objects));
  await openNamespace(registry);
  await publish(registry);
  large = await buildUpload(registry, {
    version: '2.0.0',
    readme: { path: 'README.md', bytes: randomBytes(6 * 1024 * 1024), executable: false },
  });
  expect((await send(registry, large)).status).toBe(201);
});
afterAll(() => registry.close());

async function countsOf(path: string): Promise<{ total: number; versions: Record<string, number> }> {
  registry.deps.reads.forgetAnswers();
  const document = JSON.parse((await ask(registry, path)).body.toString()) as {
    downloads: number;
    versions: { version: string; downloads: number }[];
  };
  return {
    total: document.downloads,
    versions: Object.fromEntries(document.versions.map((each) => [each.version, each.downloads])),
  };
}

test('whole downloads are counted, each once, by whatever way they are answered', async () => {
  await ask(registry, DOWNLOAD);
  const { headers } = await ask(registry, DOWNLOAD);
  await ask(registry, DOWNLOAD, {}, 'HEAD');
  await ask(registry, DOWNLOAD, { Range: 'bytes=0-9' });
  await ask(registry, DOWNLOAD, { 'If-None-Match': headers.etag ?? '' });
  await ask(registry, DOWNLOAD, { Authorization: `Bearer ${registry.ownerToken}` });
  const digest = String(headers.etag).slice('"sha256:'.length, -1);
  await ask(registry, `/v1/blobs/sha256/${digest}`);
  await ask(registry, `/v1/blobs/sha256/${digest}`);
  await ask(registry, `${WORKFLOW}/2.0.0/download`);
  await registry.deps.reads.downloads.flush();
  expect(await countsOf(WORKFLOW)).toEqual({ total: 6, versions: { '1.0.0': 5, '2.0.0': 1 } });
  const rows = await registry.db.selectFrom('workflow_downloads').select('total').execute();
  expect(rows).toEqual([{ total: 6 }]);
  const days = await registry.db.selectFrom('downloads').select(['day', 'count']).execute();
  expect(days.map(({ count }) => count).sort()).toEqual([1, 5]);
  await ask(registry, DOWNLOAD);
  await registry.deps.reads.downloads.flush();
  expect((await countsOf(WORKFLOW)).total).toBe(7);
});

test('the last seven days with downloads are told by day, and no others', async () => {
  const { id } = await registry.db
    .selectFrom('versions')
    .select('id')
    .where('version', '=', '1.0.0')
    .executeTakeFirstOrThrow();
  const today = (await registry.db.selectFrom('downloads').select('day').executeTakeFirstOrThrow()).day;
  const dayBefore = (days: number): string =>
    new Date(new Date(today).getTime() - days * 86_400_000).toISOString().slice(0, 10);
  const counts = [6, 7, 30].map((days) => ({ versionId: id, day: dayBefore(days), count: 10 + days }));
  const counted = await countsOf(WORKFLOW);
  await addDownloads(registry.db, counts);
  registry.deps.reads.forgetAnswers();
  const { versions } = JSON.parse((await ask(registry, WORKFLOW)).body.toString()) as {
    versions: { version: string; downloads: number; downloadsByDay?: Record<string, number> }[];
  };
  const [first] = versions.filter(({ version }) => version === '1.0.0');
  expect(first?.downloads).toBe((counted.versions['1.0.0'] ?? 0) + 16 + 17 + 40);
  expect(first?.downloadsByDay).toEqual({
    [dayBefore(0)]: counted.versions['1.0.0'],
    [dayBefore(6)]: 16,
  });
});

describe('a bundle of several MiB', () => {
  const path = `${WORKFLOW}/2.0.0/download`;

  test('is sent whole and in parts, the first time and later', async () => {
    for (let time = 0; time < 2; time += 1) {
      const whole = await ask(registry, path);
      expect([whole.status, whole.body.equals(large.blob)]).toEqual([200, true]);
      const part = await ask(registry, path, { Range: 'bytes=1000000-3000000' });
      expect([part.status, part.body.equals(Buffer.from(large.blob).subarray(1_000_000, 3_000_001))]).toEqual(
        [206, true],
      );
      expect((await ask(registry, path, {}, 'HEAD')).headers['content-length']).toBe(
        String(large.blob.length),
      );
    }
    expect(registry.deps.reads.blobs.find(large.digest)).toBeUndefined();
  });

  test('is not kept in memory for readers who do not read', async () => {
    const { hostname, port } = new URL(registry.url);
    const sockets = Array.from({ length: 30 }, () => connect(Number(port), hostname));
    for (const socket of sockets) {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    }
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Thirty of them in full would be 180 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(70 * 1024 * 1024);
    expect((await ask(registry, path)).body.equals(large.blob)).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  test('that is damaged in the store is cut off and not passed off as whole', async () => {
    const small = await buildUpload(registry, { version: '3.0.0' });
    await send(registry, small);
    const { objects } = registry.deps;
    const key = `b/sha256/${small.digest.slice(7, 9)}/${small.digest.slice(7)}`;
    await objects.delete(key);
    await objects.putIfAbsent(key, Buffer.alloc(small.blob.length, 1));
    const answer = await ask(registry, `${WORKFLOW}/3.0.0/download`);
    expect(answer.status).toBe(503);
    expect(answer.headers.etag).toBeUndefined();
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'service.storage_down' });
  });
});

test('while the store is out of reach, metadata and what is held go on, and the rest is told', async () => {
  await ask(registry, DOWNLOAD);
  isStoreDown = true;
  try {
    registry.deps.reads.forgetAnswers();
    expect((await ask(registry, WORKFLOW)).status).toBe(200);
    expect((await ask(registry, `${WORKFLOW}/1.0.0/receipt`)).status).toBe(200);
    expect((await ask(registry, DOWNLOAD)).status).toBe(200);
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(registry, `${WORKFLOW}/2.0.0/download`);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'service.storage_down' });
    }
    expect((await ask(registry, `${WORKFLOW}/2.0.0/download`, {}, 'HEAD')).status).toBe(200);
  } finally {
    isStoreDown = false;
  }
  expect((await ask(registry, `${WORKFLOW}/2.0.0/download`)).status).toBe(200);
});

test('where the store hands out links, whoever may download is sent there', async () => {
  const asked: unknown[] = [];
  const other = await startTestRegistry();
  (other.deps.objects as { presign?: ObjectStore['presign'] }).presign = (key, options) => {
    asked.push([key, options]);
    return Promise.resolve('https://store.example/x?signature=y');
  };
  await openNamespace(other);
  await publish(other);
  await callJson(other, 'POST', '/v1/namespaces', { name: 'vault', visibility: 'private' });
  await sendKey(other, keyEvent(other, 'vault', [PUBLISHER]));
  await publish(other, { namespace: 'vault' });
  for (let time = 0; time < 2; time += 1) {
    const answer = await ask(other, DOWNLOAD);
    expect([answer.status, answer.headers.location, answer.headers['cache-control']]).toEqual([
      302,
      'https://store.example/x?signature=y',
      'private, no-store',
    ]);
    expect(answer.headers.etag).toBeUndefined();
  }
  expect(asked[0]).toEqual([
    expect.stringMatching(/^b\/sha256\//),
    { expiresSeconds: 300, contentType: 'application/vnd.sheaf.bundle.v1.tar+gzip' },
  ]);
  expect((await ask(other, DOWNLOAD, {}, 'HEAD')).status).toBe(200);
  const secret = '/v1/workflows/vault/deploy/1.0.0/download';
  expect((await ask(other, secret)).status).toBe(404);
  expect((await ask(other, secret, { Authorization: `Bearer ${other.ownerToken}` })).status).toBe(302);
  expect((await ask(other, secret)).status).toBe(404);
  await other.close();
});
