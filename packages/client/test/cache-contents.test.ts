import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseDigest } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { openCache } from '../src/cache.js';
import { cleanCache, type CleanCacheOptions } from '../src/cache/clean-cache.js';
import { listCache } from '../src/cache/contents.js';
import { receiptPath } from '../src/cache/layout.js';
import { verifyCache, type VerifyCacheOptions } from '../src/cache/verify-cache.js';
import { claimedLeaf } from '../src/claimed-leaf.js';
import { registryIdOf } from '../src/pin.js';
import { failure } from '../src/testing/failure.js';
import { createTestLog, testKey } from '../src/testing/test-log.js';
import { createTestRegistry, ORIGIN, type Published } from '../src/testing/test-registry.js';
import { temporaryFolder } from './support/folder.js';

const HOUR_MS = 3600_000;

/** A cache with three versions of a workflow, the newest used last. */
async function setUp() {
  const registry = createTestRegistry();
  const pin = registry.pin();
  const cache = await openCache(await temporaryFolder());
  const published: Published[] = [];
  for (const version of ['1.0.0', '1.1.0', '2.0.0'])
    published.push(await registry.publish('acme/deploy', version));
  for (const each of published) {
    await cache.putReceipt(keyOf(each), each.receipt);
    await cache.putBlob(blobOf(each), each.packed.blob);
  }
  function keyOf({ id, version }: Published) {
    return { registry: registryIdOf(pin), id, version };
  }
  const pathsOf = (each: Published) => ({
    blob: join(cache.dir, 'blobs', 'sha256', hexOf(each).slice(0, 2), `${hexOf(each)}.tar.gz`),
    receipt: receiptPath(cache.dir, keyOf(each)),
  });
  const age = async (each: Published, ms: number) => {
    const then = new Date(Date.now() - ms);
    for (const path of Object.values(pathsOf(each))) await utimes(path, then, then);
  };
  for (const [i, each] of published.entries()) await age(each, (3 - i) * HOUR_MS);
  const versions = async () =>
    (await listCache(cache)).items.flatMap(({ workflows }) => workflows.map(({ version }) => version));
  const check = (options: Partial<VerifyCacheOptions> = {}) =>
    verifyCache(cache, { trust: { listPins: () => Promise.resolve([pin]) }, ...options });
  const clean = (options: CleanCacheOptions) => cleanCache(cache, options);
  const [first, second, third] = published as [Published, Published, Published];
  return { cache, first, second, third, keyOf, pathsOf, age, versions, check, clean };
}

const hexOf = ({ receipt }: Published) => claimedLeaf(receipt)?.blob.sha256 ?? '';
const blobOf = (published: Published) => parseDigest(`sha256:${hexOf(published)}`);

describe('listCache', () => {
  it('lists what is there, used last first, with its size', async () => {
    const { cache, versions, third, pathsOf } = await setUp();
    expect(await versions()).toEqual(['2.0.0', '1.1.0', '1.0.0']);
    const { items, sizeBytes } = await listCache(cache);
    const lengths = await Promise.all(
      Object.values(pathsOf(third)).map(async (path) => (await readFile(path)).length),
    );
    expect(items[0]?.sizeBytes).toBe(lengths.reduce((sum, length) => sum + length, 0));
    expect(sizeBytes).toBe(items.reduce((sum, item) => sum + item.sizeBytes, 0));
    expect(items[0]?.workflows[0]).toMatchObject({ digest: third.packed.bundle.digest, hasBlob: true });
  });

  it('moves to the front what is used again', async () => {
    const { cache, versions, first } = await setUp();
    await cache.findBlob(blobOf(first));
    expect(await versions()).toEqual(['1.0.0', '2.0.0', '1.1.0']);
  });

  it('lists a bundle without a receipt, and a receipt without its bundle', async () => {
    const { cache, first, second, keyOf } = await setUp();
    await cache.dropReceipt(keyOf(first));
    await cache.dropBlob(blobOf(second));
    const { items } = await listCache(cache);
    expect(items.find(({ blob }) => blob === blobOf(first))?.workflows).toEqual([]);
    expect(items.find(({ blob }) => blob === blobOf(second))?.workflows[0]?.hasBlob).toBe(false);
  });

  it('passes over links, strange names and receipts that are none', async () => {
    const { cache, versions, first, pathsOf } = await setUp();
    const { receipt, blob } = pathsOf(first);
    await writeFile(receipt, '{}');
    await symlink(cache.dir, join(cache.dir, 'receipts', 'loop'));
    await writeFile(join(cache.dir, 'receipts', 'file'), '');
    await writeFile(`${blob}.bak`, '');
    await mkdir(join(cache.dir, 'blobs', 'sha256', 'zz'));
    expect(await versions()).toEqual(['2.0.0', '1.1.0']);
  });

  it('ends when it is cancelled', async () => {
    const { cache } = await setUp();
    await failure(listCache(cache, { signal: AbortSignal.abort() }), 'operation.cancelled');
  });
});

describe('verifyCache', () => {
  it('finds nothing wrong with what was fetched', async () => {
    const { check } = await setUp();
    expect(await check()).toMatchObject({ blobs: 3, receipts: 3, damaged: [], unpinned: 0 });
  });

  it('drops a bundle with a flipped byte, and no other', async () => {
    const { check, cache, first, second, pathsOf } = await setUp();
    const path = pathsOf(first).blob;
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const told = await check({ keepDamaged: true });
    expect(told.damaged).toMatchObject([{ path, what: 'blob', name: blobOf(first), code: 'blob.digest' }]);
    expect(await cache.findBlob(blobOf(first))).toBeDefined();
    expect((await check()).damaged).toHaveLength(1);
    expect(await cache.findBlob(blobOf(first))).toBeUndefined();
    expect(await cache.findBlob(blobOf(second))).toBeDefined();
    expect((await check()).damaged).toEqual([]);
  });

  it('finds no damage in what another process removes meanwhile', async () => {
    const { check, first, third, pathsOf } = await setUp();
    const gone = [pathsOf(first).blob, pathsOf(third).blob];
    const onFile = (path: string) => {
      if (gone.includes(path)) rmSync(path);
    };
    expect((await check({ onFile })).damaged).toEqual([]);
  });

  it('drops a receipt of another version, one of another log, and what is none', async () => {
    const { check, cache, first, second, third, keyOf, pathsOf } = await setUp();
    await cache.putReceipt(keyOf(first), second.receipt);
    const log = createTestLog({ origin: `${ORIGIN}/log/public`, key: testKey(66) });
    const stranger = await createTestRegistry(log).publish('acme/deploy', '1.1.0');
    await cache.putReceipt(keyOf(second), stranger.receipt);
    await writeFile(pathsOf(third).receipt, 'x');
    const { damaged } = await check();
    expect(damaged.map(({ name, code }) => [name, code]).sort()).toEqual([
      ['acme/deploy 1.0.0', 'leaf.mismatch'],
      ['acme/deploy 1.1.0', expect.stringMatching(/^(proof|leaf|log)\./)],
      ['acme/deploy 2.0.0', 'receipt.invalid'],
    ]);
    expect(await cache.listVersions(keyOf(first).registry, first.id)).toEqual([]);
  });

  it('says of how many receipts it can say nothing', async () => {
    const { check } = await setUp();
    expect(await check({ trust: { listPins: () => Promise.resolve([]) } })).toMatchObject({
      damaged: [],
      unpinned: 3,
    });
  });
});

describe('cleanCache', () => {
  it('removes what was not used for so long', async () => {
    const { clean, versions } = await setUp();
    const { removed } = await clean({ olderThanMs: 1.5 * HOUR_MS });
    expect(removed).toHaveLength(2);
    expect(await versions()).toEqual(['2.0.0']);
  });

  it('removes what was used longest ago until the rest fits', async () => {
    const { clean, cache, versions } = await setUp();
    const { items } = await listCache(cache);
    const maxSizeBytes = (items[0]?.sizeBytes ?? 0) + (items[1]?.sizeBytes ?? 0);
    const { sizeBytes } = await clean({ maxSizeBytes });
    expect(await versions()).toEqual(['2.0.0', '1.1.0']);
    expect(sizeBytes).toBe((await listCache(cache)).sizeBytes);
    expect(sizeBytes).toBeLessThanOrEqual(maxSizeBytes);
  });

  it('removes nothing in a dry run, and everything when told to, with its folders', async () => {
    const { clean, cache, versions } = await setUp();
    expect((await clean({ all: true, dryRun: true })).removed).toHaveLength(3);
    expect(await versions()).toHaveLength(3);
    expect(await clean({ all: true })).toMatchObject({ sizeBytes: 0, inUse: [] });
    expect(await readdir(cache.dir)).toEqual([]);
  });

  it('removes receipts that cannot be read, and what earlier versions wrote beside them', async () => {
    const { clean, cache, first, pathsOf } = await setUp();
    const { receipt } = pathsOf(first);
    await writeFile(receipt, '{}');
    await writeFile(receipt.replace(/json$/, 'standings'), '');
    const temporary = join(dirname(receipt), '.tmp-1');
    await writeFile(temporary, '');
    expect(await clean({ olderThanMs: 24 * HOUR_MS })).toMatchObject({ leftovers: 0 });
    expect(await clean({ all: true })).toMatchObject({ leftovers: 2, sizeBytes: 0 });
    expect(await readdir(dirname(receipt)), 'may be being written').toEqual(['.tmp-1']);
    await utimes(temporary, 0, 0);
    expect(await clean({})).toMatchObject({ leftovers: 1 });
    expect(await readdir(dirname(receipt))).toEqual([]);
    expect((await listCache(cache)).leftovers).toEqual([]);
  });

  it.each(['partial', 'blobs', 'blobs/sha256', 'receipts'])(
    'removes nothing behind a link in the place of %s',
    async (name) => {
      const cache = await openCache(await temporaryFolder());
      const outside = await temporaryFolder();
      const hex = 'ab'.repeat(32);
      const names = ['notes', `ab/${hex}.tar.gz`, 'sha256/ab/.tmp-1', 'r/acme/deploy/1.0.0.json'];
      for (const each of [...names, `sha256/ab/${hex}.tar.gz`, 'ab/.tmp-1']) {
        const path = join(outside, each);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, 'x');
        await utimes(path, 0, 0);
      }
      const before = await readdir(outside, { recursive: true });
      await rm(join(cache.dir, name), { recursive: true, force: true });
      await mkdir(dirname(join(cache.dir, name)), { recursive: true });
      await symlink(outside, join(cache.dir, name));
      expect(await cleanCache(cache, { all: true })).toMatchObject({ removed: [], leftovers: 0 });
      expect(await readdir(outside, { recursive: true })).toEqual(before);
    },
  );

  it('leaves alone what another process uses', async () => {
    const { clean, cache, versions, first } = await setUp();
    await cache.findBlob(blobOf(first));
    const using = setInterval(() => void cache.findBlob(blobOf(first)), 100);
    try {
      const { removed, inUse } = await clean({ all: true });
      expect(inUse.map(({ blob }) => blob)).toEqual([blobOf(first)]);
      expect(removed).toHaveLength(2);
    } finally {
      clearInterval(using);
    }
    expect(await versions()).toEqual(['1.0.0']);
  });

  it('removes traces of downloads, but not of one that goes on', async () => {
    const { clean, cache } = await setUp();
    const claim = await cache.claimBlob(parseDigest(`sha256:${'ab'.repeat(32)}`), { sizeBytes: 1 });
    const partial = join(cache.dir, 'partial');
    await writeFile(join(partial, `${'ab'.repeat(32)}.part.${'0'.repeat(16)}`), 'x');
    await writeFile(join(partial, `${'cd'.repeat(32)}.part.${'0'.repeat(16)}`), 'x');
    expect((await clean({ all: true })).leftovers).toBe(1);
    expect((await readdir(partial)).map((name) => name.slice(0, 2))).toEqual(['ab', 'ab']);
    if (claim.blob === undefined) await claim.release({ keepPart: false });
  });
});
