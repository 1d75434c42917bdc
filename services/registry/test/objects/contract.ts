import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRegister } from '../../src/domain/log/register.js';
import { blobKey, MAX_OBJECT_BYTES, type ObjectEntry, type ObjectStore } from '../../src/objects/port.js';

const KEY = blobKey(`sha256:${'ab'.repeat(32)}`);
const BYTES = new Uint8Array([0, 1, 2, 3, 254, 255]);

export async function collect(entries: AsyncIterable<ObjectEntry>): Promise<ObjectEntry[]> {
  const result: ObjectEntry[] = [];
  for await (const entry of entries) result.push(entry);
  return result;
}

async function keys(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await collect(store.list(prefix))).map((entry) => entry.key);
}

async function keysAlone(store: ObjectStore, prefix: string): Promise<string[]> {
  const result: string[] = [];
  for await (const key of store.listKeys(prefix)) result.push(key);
  return result;
}

export interface StoreTraits {
  /** False for one that looks before it writes: then nothing is promised to several writers of one key. */
  readonly createsOnce: boolean;
}

/** What every object store does. `open` gives an empty one, and another handle on the same objects. */
export function describeObjectStore(
  name: string,
  open: () => Promise<{ readonly store: ObjectStore; readonly reopen: () => Promise<ObjectStore> }>,
  traits: StoreTraits = { createsOnce: true },
): void {
  describe(`${name} as an object store`, () => {
    it('gives back what it was given, also through another handle', async () => {
      const { store, reopen } = await open();
      expect(await store.putIfAbsent(KEY, BYTES)).toBe('created');
      expect(Buffer.from((await store.get(KEY)) ?? [])).toEqual(Buffer.from(BYTES));
      expect(await (await reopen()).size(KEY)).toBe(BYTES.length);
    });

    it('holds an empty object apart from none', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, new Uint8Array());
      expect((await store.get(KEY))?.length).toBe(0);
      expect(await store.size(KEY)).toBe(0);
    });

    it('never rewrites an object', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      expect(await store.putIfAbsent(KEY, new Uint8Array([9]))).toBe('exists');
      expect(Buffer.from((await store.get(KEY)) ?? [])).toEqual(Buffer.from(BYTES));
    });

    it.runIf(traits.createsOnce)(
      'tells exactly one of many writers of a key that it created the object',
      async () => {
        const { store, reopen } = await open();
        const stores = [store, await reopen(), await reopen()];
        const bytes = new Uint8Array(100_000).fill(7);
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, index) => (stores[index % 3] ?? store).putIfAbsent(KEY, bytes)),
        );
        expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
        expect((await store.get(KEY))?.length).toBe(100_000);
      },
    );

    it('knows nothing of an absent object', async () => {
      const { store } = await open();
      expect(await store.get(KEY)).toBeUndefined();
      expect(await store.size(KEY)).toBeUndefined();
      expect(await store.getRange(KEY, 0, 1)).toBeUndefined();
      expect(await keys(store, '')).toEqual([]);
    });

    it('takes neither a folder of keys nor what lies below an object for an object', async () => {
      const { store } = await open();
      await store.putIfAbsent('a/b', BYTES);
      expect(await store.get('a')).toBeUndefined();
      expect(await store.size('a')).toBeUndefined();
      expect(await store.get('a/b/c')).toBeUndefined();
      await store.delete('a/b/c');
      expect(await store.size('a/b')).toBe(BYTES.length);
    });

    it('deletes, an absent object too, and takes the key again afterwards', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      await store.delete(KEY);
      await store.delete(KEY);
      expect(await store.get(KEY)).toBeUndefined();
      expect(await store.putIfAbsent(KEY, new Uint8Array([9]))).toBe('created');
      expect(Buffer.from((await store.get(KEY)) ?? [])).toEqual(Buffer.from([9]));
    });

    it('reads ranges like slices of the whole object', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      const last = BYTES.length - 1;
      await fc.assert(
        fc.asyncProperty(fc.nat(last), fc.nat(20), async (start, more) => {
          const range = await store.getRange(KEY, start, start + more);
          expect(Buffer.from(range ?? [])).toEqual(Buffer.from(BYTES.slice(start, start + more + 1)));
        }),
        { numRuns: 50 },
      );
    });

    it.each([
      [6, 6],
      [7, 9],
      [-1, 2],
      [3, 2],
      [0.5, 2],
      [0, Number.NaN],
      [0, Infinity],
    ])('refuses the range %d to %d of six bytes', async (start, end) => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      await expect(store.getRange(KEY, start, end)).rejects.toMatchObject({ code: 'object.range_invalid' });
    });

    it('refuses to read more than the caller allows', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      await expect(store.get(KEY, { maxBytes: 5 })).rejects.toMatchObject({ code: 'object.too_large' });
      expect((await store.get(KEY, { maxBytes: 6 }))?.length).toBe(6);
      expect((await store.getRange(KEY, 0, 2, { maxBytes: 3 }))?.length).toBe(3);
      await expect(store.getRange(KEY, 0, 3, { maxBytes: 3 })).rejects.toMatchObject({
        code: 'object.too_large',
      });
    });

    it('refuses to store more than it would give back', async () => {
      const { store } = await open();
      // Refused by its length alone, so that the test need not hold so much.
      const claimed = { length: MAX_OBJECT_BYTES + 1 } as Uint8Array;
      await expect(store.putIfAbsent(KEY, claimed)).rejects.toMatchObject({ code: 'object.too_large' });
      expect(await store.size(KEY)).toBeUndefined();
    });

    it('stops for an aborted signal', async () => {
      const { store } = await open();
      await store.putIfAbsent(KEY, BYTES);
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(store.get(KEY, { signal })).rejects.toThrow('enough');
      await expect(store.getRange(KEY, 0, 1, { signal })).rejects.toThrow('enough');
      await expect(store.size(KEY, { signal })).rejects.toThrow('enough');
    });

    it('lists what begins with a prefix in the order of the keys, with size and time', async () => {
      const { store } = await open();
      const all = ['a-b', 'a.b/x', 'a/b', 'a/c/d', 'a0', 'b/x', 'b/y'];
      for (const key of all.toReversed()) await store.putIfAbsent(key, BYTES);
      expect(await keys(store, '')).toEqual(all);
      expect(await keys(store, 'a')).toEqual(all.slice(0, 5));
      expect(await keys(store, 'a/')).toEqual(['a/b', 'a/c/d']);
      expect(await keys(store, 'a/c')).toEqual(['a/c/d']);
      expect(await keys(store, 'b/y')).toEqual(['b/y']);
      expect(await keys(store, 'c/')).toEqual([]);
      for (const prefix of ['', 'a', 'a/', 'b/y', 'c/'])
        expect(await keysAlone(store, prefix)).toEqual(await keys(store, prefix));
      const [entry] = await collect(store.list('b/x'));
      expect(entry?.sizeBytes).toBe(BYTES.length);
      expect(Math.abs((entry?.modifiedMs ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it.each([
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '..',
      'a/../b',
      './a',
      'a/.',
      '.a',
      'a.',
      'A',
      'a\\b',
      'a b',
      'a\0',
      'a\n',
      'é',
    ])('refuses the key %j everywhere and touches nothing', async (key) => {
      const { store } = await open();
      const refused = { code: 'object.key_invalid' };
      await expect(store.putIfAbsent(key, BYTES)).rejects.toMatchObject(refused);
      await expect(store.get(key)).rejects.toMatchObject(refused);
      await expect(store.getRange(key, 0, 1)).rejects.toMatchObject(refused);
      await expect(store.size(key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
      expect(await keys(store, '')).toEqual([]);
    });

    it.each(['../', 'a/..', '/a', 'a//', 'A', '.'])('refuses to list the prefix %j', async (prefix) => {
      const { store } = await open();
      const refused: unknown = expect.objectContaining({ code: 'object.key_invalid' });
      expect(() => store.list(prefix)).toThrow(refused);
      expect(() => store.listKeys(prefix)).toThrow(refused);
    });

    it('holds a register, whose newest document is the one with the highest position, whoever wrote it last', async () => {
      const { store, reopen } = await open();
      const [one, two] = [openRegister(store, 'r/a'), openRegister(await reopen(), 'r/a')];
      expect(await one.latest()).toBeUndefined();
      expect(await one.position()).toBeUndefined();
      await one.put({ position: 12, bytes: BYTES });
      await two.put({ position: 9, bytes: new Uint8Array([9]) });
      await two.put({ position: 7, bytes: new Uint8Array([7]) });
      const latest = await one.latest();
      expect([latest?.position, Buffer.from(latest?.bytes ?? [])]).toEqual([12, Buffer.from(BYTES)]);
      expect(await openRegister(store, 'r/b').latest()).toBeUndefined();
      await one.put({ position: Number.MAX_SAFE_INTEGER, bytes: new Uint8Array([1]) });
      expect(await two.position()).toBe(Number.MAX_SAFE_INTEGER);
    });

    it('tells the second writer of a position in a register what the first one wrote', async () => {
      const { store, reopen } = await open();
      await openRegister(store, 'r').put({ position: 3, bytes: BYTES });
      const held = await openRegister(await reopen(), 'r').put({ position: 3, bytes: new Uint8Array([9]) });
      expect(Buffer.from(held)).toEqual(Buffer.from(BYTES));
    });

    it('never takes a register back and keeps few documents in it, while many write and read', async () => {
      const { store, reopen } = await open();
      const stores = [store, await reopen()];
      let acknowledged = 0;
      const write = async (from: number) => {
        const register = openRegister(stores[from % 2] ?? store, 'r');
        for (let position = from; position < 120; position += 4) {
          await register.put({ position, bytes: Buffer.from(String(position)) });
          acknowledged = Math.max(acknowledged, position);
        }
      };
      const read = async () => {
        const register = openRegister(store, 'r');
        while (acknowledged < 119) {
          const least = acknowledged;
          const latest = await register.latest();
          expect(latest?.position ?? 0).toBeGreaterThanOrEqual(least);
          if (latest) expect(Buffer.from(latest.bytes).toString()).toBe(String(latest.position));
        }
      };
      await Promise.all([write(0), write(1), write(2), write(3), read()]);
      expect((await keys(store, 'r/')).length).toBeLessThanOrEqual(4 * 16 + 1);
      await openRegister(store, 'r').put({ position: 120, bytes: BYTES });
      // Nobody waits for the removal of old ones.
      await expect.poll(() => keys(store, 'r/')).toHaveLength(1);
    });

    it('passes over what does not belong to a register', async () => {
      const { store } = await open();
      await store.putIfAbsent('r/0', BYTES);
      await store.putIfAbsent('r/9999999999999999', BYTES);
      expect(await openRegister(store, 'r').latest()).toBeUndefined();
    });

    it('is ready when it can be read and written', async () => {
      const { store } = await open();
      await store.check();
      expect(await keys(store, '')).toEqual([]);
    });
  });
}
