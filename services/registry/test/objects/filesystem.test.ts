import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileOperations, type FileOperations } from '../../src/objects/durable-files.js';
import { openFilesystemStore } from '../../src/objects/filesystem.js';
import { blobKey, type ObjectStore } from '../../src/objects/port.js';
import { startChild } from '../postgres/child-process.js';
import { collect, describeObjectStore } from './contract.js';

const CHILD = new URL('./put-child.ts', import.meta.url);
const KEY = blobKey(`sha256:${'cd'.repeat(32)}`);
const BYTES = new Uint8Array(10_000).fill(5);
const LARGE = new Uint8Array(300_000).fill(6);
const TWO_HOURS_MS = 2 * 60 * 60 * 1000;

const root = await mkdtemp(join(tmpdir(), 'sheaf-objects-'));
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(root, 'store-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

function open(operations?: FileOperations, now = Date.now): Promise<ObjectStore> {
  return openFilesystemStore({ dir, now, ...(operations === undefined ? {} : { operations }) });
}

describeObjectStore('a folder', async () => ({ store: await open(), reopen: () => open() }));

/** Operations of which the one with this number fails, before it is done or with the answer lost; all are noted. */
function failingAt(step: number, when: 'before' | 'after'): { operations: FileOperations; calls: string[] } {
  const calls: string[] = [];
  async function guard(name: string, work: () => Promise<void>): Promise<void> {
    const number = calls.push(name) - 1;
    const failure = Object.assign(new Error('input/output error'), { code: 'EIO' });
    if (number === step && when === 'before') throw failure;
    await work();
    if (number === step) throw failure;
  }
  const node = nodeFileOperations;
  const operations: FileOperations = {
    writeNewFile: (path, content) => guard('write', () => node.writeNewFile(path, content)),
    link: (existing, path) => guard('link', () => node.link(existing, path)),
    unlink: (path) => guard('unlink', () => node.unlink(path)),
    syncDirectory: (path) => guard(`sync ${path.slice(dir.length + 1)}`, () => node.syncDirectory(path)),
  };
  return { operations, calls };
}

describe('the object store in a folder', () => {
  it('syncs the content before it has a name, and the name and the folders above before it answers', async () => {
    const { operations, calls } = failingAt(-1, 'before');
    const store = await open(operations);
    calls.length = 0;
    expect(await store.putIfAbsent('b/c/d', BYTES)).toBe('created');
    expect(calls).toEqual(['sync objects/b', 'sync objects', 'write', 'link', 'sync objects/b/c', 'unlink']);
  });

  it.each([
    { size: 'small', bytes: BYTES, writing: ['write', 'link'], removing: ['unlink'] },
    { size: 'large, and is not written again', bytes: LARGE, writing: [], removing: [] },
  ])(
    'syncs the name of an object that is there already and $size: its writer may have been killed before',
    async ({ bytes, writing, removing }) => {
      await (await open()).putIfAbsent('b/c/d', bytes);
      const { operations, calls } = failingAt(-1, 'before');
      const store = await open(operations);
      calls.length = 0;
      expect(await store.putIfAbsent('b/c/d', bytes)).toBe('exists');
      expect(calls).toEqual(['sync objects/b', 'sync objects', ...writing, 'sync objects/b/c', ...removing]);
    },
  );

  it('syncs a folder once for several objects that are put there, or deleted, in one moment', async () => {
    const { operations, calls } = failingAt(-1, 'before');
    const keys = Array.from({ length: 20 }, (_, i) => `b/c/${i}`);
    let removed = 0;
    let isHeld = false;
    const store = await open({
      ...operations,
      unlink: async (path) => {
        await operations.unlink(path);
        removed += 1;
      },
      // The first does not end before all have asked, each right before or right after it has removed a name.
      syncDirectory: async (path) => {
        await operations.syncDirectory(path);
        while (isHeld && removed < keys.length) await sleep(1);
      },
    });
    await store.putIfAbsent('b/c/first', BYTES);
    isHeld = true;
    for (const work of [(key: string) => store.putIfAbsent(key, BYTES), (key: string) => store.delete(key)]) {
      calls.length = 0;
      removed = 0;
      await Promise.all(keys.map((key) => work(key)));
      expect(calls.filter((call) => call === 'sync objects/b/c')).toHaveLength(2);
    }
    expect(await collect(store.list('b/'))).toHaveLength(1);
  });

  const steps = [1, 2, 3, 4, 5, 6].flatMap((step) =>
    (['before', 'after'] as const).map((when) => ({ step, when })),
  );

  it.each(steps)(
    'is whole after a put that failed $when step $step, and a retry converges',
    async ({ step, when }) => {
      const store = await open(failingAt(step, when).operations);
      await expect(store.putIfAbsent(KEY, BYTES)).rejects.toMatchObject({ code: 'object.unavailable' });
      expect(await readdir(join(dir, 'tmp'))).toEqual([]);
      const after = await open();
      const found = await after.get(KEY);
      if (found !== undefined) expect(Buffer.from(found)).toEqual(Buffer.from(BYTES));
      expect(await store.putIfAbsent(KEY, BYTES)).toBe(found === undefined ? 'created' : 'exists');
      expect(Buffer.from((await after.get(KEY)) ?? [])).toEqual(Buffer.from(BYTES));
    },
  );

  it.each([
    { step: 1, when: 'before' },
    { step: 1, when: 'after' },
    { step: 2, when: 'before' },
    { step: 2, when: 'after' },
  ] as const)(
    'is whole after a delete that failed $when step $step, and a retry converges',
    async ({ step, when }) => {
      await (await open()).putIfAbsent(KEY, BYTES);
      const store = await open(failingAt(step, when).operations);
      await expect(store.delete(KEY)).rejects.toMatchObject({ code: 'object.unavailable' });
      await store.delete(KEY);
      expect(await store.get(KEY)).toBeUndefined();
    },
  );

  it('keeps everything it acknowledged, and nothing in part, when its process is killed', async () => {
    const child = startChild(CHILD, [dir]);
    expect(await child.nextLine()).toBe('ready');
    await child.nextLine();
    await sleep(150);
    child.kill('SIGKILL');
    await child.ended();
    const acknowledged = child.pendingLines().map((line) => Number(line.split(' ')[0]));
    const store = await open();
    const stored = await collect(store.list('k/'));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(stored.length).toBeGreaterThanOrEqual(acknowledged.length + 1);
    for (const { key } of stored) {
      const index = Number(key.slice(2));
      expect(Buffer.from((await store.get(key)) ?? []).equals(Buffer.alloc(65_536, index))).toBe(true);
    }
    for (const index of acknowledged) expect(await store.size(`k/${index}`)).toBe(65_536);
  });

  it('creates each object once when several processes store the same ones', async () => {
    const children = Array.from({ length: 3 }, () => startChild(CHILD, [dir, '60']));
    await Promise.all(children.map((child) => child.ended()));
    const created = children
      .flatMap((child) => child.pendingLines())
      .filter((line) => line.endsWith('created'));
    expect(new Set(created).size).toBe(60);
    expect(created).toHaveLength(60);
  });

  it('removes unfinished files older than an hour when it is opened, and no others', async () => {
    await open();
    const old = join(dir, 'tmp', 'old');
    await writeFile(old, 'half');
    await writeFile(join(dir, 'tmp', 'new'), 'half');
    const past = (Date.now() - TWO_HOURS_MS) / 1000;
    await utimes(old, past, past);
    await open();
    expect(await readdir(join(dir, 'tmp'))).toEqual(['new']);
    await open(undefined, () => Date.now() + TWO_HOURS_MS);
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
  });

  it('lets nobody but its user read', async () => {
    const store = await open();
    await store.putIfAbsent('a/b', BYTES);
    const mode = async (...names: string[]): Promise<number> =>
      (await stat(join(dir, ...names))).mode & 0o777;
    expect(await mode('objects')).toBe(0o700);
    expect(await mode('objects', 'a')).toBe(0o700);
    expect(await mode('objects', 'a', 'b')).toBe(0o600);
  });

  it('does not list what is not an object', async () => {
    const store = await open();
    await writeFile(join(dir, 'objects', 'README.TXT'), '');
    await writeFile(join(dir, 'objects', '.hidden'), '');
    expect(await collect(store.list(''))).toEqual([]);
  });

  it('refuses a key that other keys continue', async () => {
    const store = await open();
    await store.putIfAbsent('a/b', BYTES);
    for (const bytes of [BYTES, LARGE])
      await expect(store.putIfAbsent('a', bytes)).rejects.toMatchObject({ code: 'object.key_invalid' });
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
    await expect(store.putIfAbsent('a/b/c', BYTES)).rejects.toMatchObject({ code: 'object.unavailable' });
  });

  it('is not ready when its folder is gone, and says why', async () => {
    const store = await open();
    await rm(dir, { recursive: true });
    const gone = { code: 'object.unavailable', message: `the object store in ${dir} does not work: ENOENT` };
    await expect(store.check()).rejects.toMatchObject(gone);
    await expect(store.putIfAbsent(KEY, BYTES)).rejects.toMatchObject(gone);
  });

  it('cannot be opened where a file is in the way', async () => {
    await writeFile(join(dir, 'objects'), '');
    await expect(open()).rejects.toMatchObject({ code: 'object.unavailable' });
  });
});
