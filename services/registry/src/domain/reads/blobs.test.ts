import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createGate } from '../gate.js';
import { blobKey } from '../../objects/port.js';
import { createBlobs } from './blobs.js';
import type { BlobSource } from './document.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** A store of blobs of these sizes, which counts how often it is read. */
function createStore(maxBytes: number, sizes: readonly number[]) {
  const objects = new Map<string, Buffer>();
  const sources = sizes.map((sizeBytes, i): BlobSource => {
    const bytes = Buffer.alloc(sizeBytes, i + 1);
    const digest = `sha256:${String(i).padStart(64, '0')}` as const;
    objects.set(blobKey(digest), bytes);
    return { digest, sizeBytes, sha256: sha256(bytes) };
  });
  const state = { reads: 0 };
  const blobs = createBlobs({
    maxBytes,
    windows: createGate({ capacity: 1 << 20, maxWaiting: 10, what: 'downloads' }),
    objects: {
      get: async (key) => {
        state.reads += 1;
        await Promise.resolve();
        return objects.get(key);
      },
      getRange: (key, start, end) => Promise.resolve(objects.get(key)?.subarray(start, end + 1)),
    },
  });
  const source = (i: number): BlobSource => {
    const found = sources[i];
    if (!found) throw new Error('no such blob');
    return found;
  };
  return { blobs, source, state, objects };
}

test('a blob is read once, also for those who ask at the same time', async () => {
  const { blobs, source, state } = createStore(1000, [10]);
  await Promise.all([blobs.load(source(0)), blobs.load(source(0))]);
  expect([blobs.find(source(0).digest)?.bytes.length, state.reads]).toEqual([10, 1]);
});

test('bytes that are not those of the digest are never handed out, and take no room', async () => {
  const { blobs, source, objects } = createStore(1000, [10]);
  objects.set(blobKey(source(0).digest), Buffer.alloc(10, 9));
  await expect(blobs.load(source(0))).rejects.toMatchObject({ code: 'service.storage_down' });
  expect([blobs.find(source(0).digest), blobs.sizeBytes]).toEqual([undefined, 0]);
});

test('a blob that the store has lost is told, whole and by windows', async () => {
  const { blobs, source, objects } = createStore(1000, [10]);
  objects.clear();
  await expect(blobs.load(source(0))).rejects.toMatchObject({ code: 'service.storage_down' });
  await expect(blobs.readWindow(source(0), 0, 9)).rejects.toMatchObject({
    code: 'service.storage_down',
  });
});

test('what is being sent keeps its place: new ones are read by windows until it is released', async () => {
  const { blobs, source } = createStore(40, [10, 10, 10, 10, 10]);
  const held = await Promise.all([0, 1, 2, 3].map((i) => blobs.load(source(i))));
  for (const blob of held) blob?.lease();
  expect(await blobs.load(source(4))).toBeUndefined();
  expect(blobs.sizeBytes).toBe(40);
  held[1]?.release();
  expect((await blobs.load(source(4)))?.bytes.length).toBe(10);
  expect([blobs.sizeBytes, blobs.find(source(1).digest)]).toEqual([40, undefined]);
  expect(blobs.find(source(0).digest)).toBeDefined();
});

test('a blob of more than a quarter of the room is not held', async () => {
  const { blobs, source, state } = createStore(40, [11]);
  expect([await blobs.load(source(0)), state.reads, blobs.sizeBytes]).toEqual([undefined, 0, 0]);
});

test('windows are read within the room for them, and nobody waits for whoever has one', async () => {
  const { blobs, source } = createStore(4, [2 << 20]);
  const windows = await Promise.all(
    Array.from({ length: 12 }, (_, i) => blobs.readWindow(source(0), i * 1000, (2 << 20) - 1)),
  );
  expect(new Set(windows.map(({ length }) => length))).toEqual(new Set([128 << 10]));
});
