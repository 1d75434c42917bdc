import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOfDigest } from '@sheaf/bundle';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { openCache } from '../src/cache.js';
import { failure } from '../src/testing/failure.js';
import { createTestRegistry } from '../src/testing/test-registry.js';
import { startChild } from './support/child.js';
import { temporaryFolder } from './support/folder.js';

const BLOB = Buffer.from('blob');
const DIGEST = digestOf(BLOB);
const HEX = hexOfDigest(DIGEST);
const KEY = {
  registry: 'wf.example.com',
  id: parseWorkflowId('acme/deploy'),
  version: parseVersion('1.0.0'),
};

describe('blobs', () => {
  it('are kept under their digest and dropped on demand', async () => {
    const dir = await temporaryFolder();
    const cache = await openCache(dir);
    expect(await cache.findBlob(DIGEST)).toBeUndefined();
    await cache.putBlob(DIGEST, BLOB);
    await cache.putBlob(DIGEST, BLOB);
    expect(await readdir(join(dir, 'blobs', 'sha256', HEX.slice(0, 2)))).toEqual([`${HEX}.tar.gz`]);
    expect(Buffer.from((await cache.findBlob(DIGEST)) ?? []).equals(BLOB)).toBe(true);
    await cache.dropBlob(DIGEST);
    await cache.dropBlob(DIGEST);
    expect(await cache.findBlob(DIGEST)).toBeUndefined();
  });

  it('are never read through a link or from a folder', async () => {
    const dir = await temporaryFolder();
    const cache = await openCache(dir);
    const folder = join(dir, 'blobs', 'sha256', HEX.slice(0, 2));
    await mkdir(folder, { recursive: true });
    await writeFile(join(dir, 'secret'), 'secret');
    await symlink(join(dir, 'secret'), join(folder, `${HEX}.tar.gz`));
    expect(await cache.findBlob(DIGEST)).toBeUndefined();
    await rm(join(folder, `${HEX}.tar.gz`));
    await mkdir(join(folder, `${HEX}.tar.gz`, 'full'), { recursive: true });
    expect(await cache.findBlob(DIGEST)).toBeUndefined();
    await cache.putBlob(DIGEST, BLOB);
    expect(Buffer.from((await cache.findBlob(DIGEST)) ?? []).equals(BLOB)).toBe(true);
  });

  it('are claimed where folders and links lie in the place of leases and parts, and nothing behind a link is touched', async () => {
    const dir = await temporaryFolder();
    const outside = await temporaryFolder();
    const cache = await openCache(dir);
    const old = new Date(Date.now() - 60_000);
    await mkdir(join(dir, 'partial', `${HEX}.part.${'a'.repeat(16)}`, 'full'), { recursive: true });
    const lease = join(dir, 'partial', `${HEX}.lease.000000001`);
    await mkdir(lease);
    await utimes(lease, old, old);
    const claim = async () => {
      const claimed = await cache.claimBlob(DIGEST, { sizeBytes: BLOB.length });
      if (!('release' in claimed)) throw new Error('nobody has it');
      await claimed.release({ keepPart: false });
      return readdir(join(dir, 'partial'));
    };
    expect(await claim()).toEqual([]);
    await rm(join(dir, 'partial'), { recursive: true });
    const theirs = `${HEX}.lease.000000001`;
    await writeFile(join(outside, theirs), '');
    await utimes(join(outside, theirs), old, old);
    await symlink(outside, join(dir, 'partial'));
    expect(await claim()).toEqual([]);
    expect(await readdir(outside)).toEqual([theirs]);
  });

  it('stay whole when processes write, read and drop them at once', async () => {
    const dir = await temporaryFolder();
    const children = ['0', '1', '2', '3'].map((seed) => startChild('./use-cache.ts', [dir, '20', seed]));
    expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0, 0, 0]);
    expect(children.map((child) => child.lines)).toEqual([['done'], ['done'], ['done'], ['done']]);
    const names = await readdir(join(dir, 'blobs', 'sha256'), { recursive: true });
    expect(names.filter((name) => name.includes('.tmp-'))).toEqual([]);
  }, 60_000);

  it('leave nothing half-written when the process is killed', async () => {
    const dir = await temporaryFolder();
    const child = startChild('./use-cache.ts', [dir, '100000', '0']);
    const cache = await openCache(dir);
    const blob = new Uint8Array(200_000).fill(1);
    while ((await cache.findBlob(digestOf(blob))) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill();
    expect(await child.ended).toBeNull();
    const read = await cache.findBlob(digestOf(blob));
    if (read !== undefined) expect(digestOf(read)).toBe(digestOf(blob));
    await cache.putBlob(digestOf(blob), blob);
    expect(digestOf((await cache.findBlob(digestOf(blob))) ?? new Uint8Array())).toBe(digestOf(blob));
  }, 60_000);
});

describe('receipts', () => {
  it('are kept by registry, workflow and version', async () => {
    const cache = await openCache(await temporaryFolder());
    const { receipt } = await createTestRegistry().publish();
    await cache.putReceipt(KEY, receipt);
    await cache.putReceipt({ ...KEY, version: parseVersion('2.0.0-rc.1') }, receipt);
    expect(await cache.findReceipt(KEY)).toEqual(receipt);
    expect([...(await cache.listVersions(KEY.registry, KEY.id))].sort()).toEqual(['1.0.0', '2.0.0-rc.1']);
    expect(await cache.findReceipt({ ...KEY, registry: 'other.example.com' })).toBeUndefined();
    await cache.dropReceipt(KEY);
    expect(await cache.findReceipt(KEY)).toBeUndefined();
  });

  it('are called corrupt when they are not receipts', async () => {
    const dir = await temporaryFolder();
    const cache = await openCache(dir);
    const folder = join(dir, 'receipts', KEY.registry, 'acme', 'deploy');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '1.0.0.json'), '{"v":1}');
    await writeFile(join(folder, 'junk.json'), '{}');
    expect(await cache.findReceipt(KEY)).toBe('corrupt');
    expect(await cache.listVersions(KEY.registry, KEY.id)).toEqual(['1.0.0']);
  });

  it.each(['../../../outside', '..', '.', 'a/b', 'C:\\x', 'A.example.com', ''])(
    'of the registry %j stay inside the cache',
    async (registry) => {
      const dir = await temporaryFolder();
      const cache = await openCache(join(dir, 'cache'));
      const { receipt } = await createTestRegistry().publish();
      await cache.putReceipt({ ...KEY, registry }, receipt);
      expect(await readdir(dir)).toEqual(['cache']);
      const names = await readdir(join(dir, 'cache', 'receipts'), { recursive: true });
      expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(1);
      expect(names.find((name) => name.endsWith('.json'))?.split('/')).toHaveLength(4);
    },
  );
});

it('says so when its folder cannot be used', async () => {
  const dir = await temporaryFolder();
  await writeFile(join(dir, 'file'), '');
  const error = await failure(openCache(join(dir, 'file', 'cache')), 'cache.unusable');
  expect(error.hint).toContain('XDG_CACHE_HOME');
});
