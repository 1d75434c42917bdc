import { ObjectStoreError, type ObjectStore } from '../../objects/port.js';

/** A document and where it stands in the order of those of its register. */
export interface Positioned {
  /** A whole number from 0 to 2^53 - 1. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * The newest of a series of small documents, for example the newest checkpoint of a log. Any number of processes may
 * write; the newest is the one with the highest position, whoever wrote it and whenever, so it never moves backwards.
 */
export interface Register {
  /**
   * Stores a document, unless its position is taken, and returns the bytes that are held there: these, or those of
   * whoever came first. When it resolves they outlive a power cut.
   *
   * @throws ObjectStoreError `object.unavailable`, `object.too_large`
   */
  put(document: Positioned): Promise<Uint8Array>;
  /** The highest position, or undefined when nothing was put yet. @throws ObjectStoreError `object.unavailable` */
  position(): Promise<number | undefined>;
  /** The document at a position, or undefined when there is none, or no longer. @throws ObjectStoreError as `put` */
  at(position: number): Promise<Uint8Array | undefined>;
  /** The document with the highest position, or undefined when there is none. @throws ObjectStoreError as `put` */
  latest(): Promise<Positioned | undefined>;
}

const MAX_DOCUMENT_BYTES = 128 * 1024;
/** Older documents are of no use; they are removed now and then, and no write waits for it. */
const WRITES_PER_PRUNE = 16;
const MAX_PRUNED = 64;
const MAX_ROUNDS = 10;
const DIGITS = 16;

/**
 * A register made of immutable objects, one for each position: `<folder>/<2^53 - 1 - position>`, so that the newest comes
 * first in a listing. It needs nothing of a store but to create, read, list and delete, which every store can do; a
 * replaced object would need a comparison that many stores do not have, and could lose to a slow writer.
 *
 * @param folder an object key that nothing else is stored at or below
 */
export function openRegister(objects: ObjectStore, folder: string): Register {
  const keyOf = (position: number) =>
    `${folder}/${String(Number.MAX_SAFE_INTEGER - position).padStart(DIGITS, '0')}`;
  const read = (key: string) => objects.get(key, { maxBytes: MAX_DOCUMENT_BYTES });
  let writes = 0;
  let pruning: Promise<void> | undefined;
  return {
    put: async ({ position, bytes }) => {
      if (!Number.isSafeInteger(position) || position < 0) throw new Error(`${position} is no position`);
      const key = keyOf(position);
      const answer = await objects.putIfAbsent(key, bytes);
      if (writes % WRITES_PER_PRUNE === 0) {
        // What is not removed now is tried again with the next ones, and does no harm until then.
        pruning ??= prune(objects, folder)
          .catch(() => undefined)
          .finally(() => {
            pruning = undefined;
          });
      }
      writes += 1;
      if (answer === 'created') return bytes;
      // Gone again means that a higher one is there: ours is as good as any.
      return (await read(key)) ?? bytes;
    },
    at: (position) => read(keyOf(position)),
    position: async () => (await newest(objects, folder))?.position,
    latest: async () => {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const found = await newest(objects, folder);
        if (found === undefined) return undefined;
        const bytes = await read(found.key);
        if (bytes !== undefined) return { position: found.position, bytes };
      }
      throw new ObjectStoreError(
        'object.unavailable',
        `the objects in ${folder} vanish as fast as they are listed`,
      );
    },
  };
}

async function newest(objects: ObjectStore, folder: string) {
  for await (const entry of documents(objects, folder)) return entry;
  return undefined;
}

async function prune(objects: ObjectStore, folder: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of documents(objects, folder)) keys.push(key);
  await Promise.all(keys.slice(1, MAX_PRUNED).map((key) => objects.delete(key)));
}

/** The objects of a register, newest first; what else lies in its folder is passed over. */
async function* documents(objects: ObjectStore, folder: string) {
  for await (const key of objects.listKeys(`${folder}/`)) {
    const text = key.slice(folder.length + 1);
    const position = /^\d{16}$/.test(text) ? Number.MAX_SAFE_INTEGER - Number(text) : -1;
    if (position >= 0) yield { key, position };
  }
}
