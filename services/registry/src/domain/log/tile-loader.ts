import type { Db } from '../../db/connection.js';
import { findTiles } from '../../db/log-queries.js';

const HASH_BYTES = 32;

/**
 * Reads tiles of one realm's log: all that are asked for in the same turn of the event loop come with one query, and each
 * is read once. For as long as one answer takes: it forgets nothing.
 */
export function createTileLoader(
  db: Db,
  realm: string,
): (level: number, index: number, width: number) => Promise<Buffer> {
  const read = new Map<string, Promise<Buffer | undefined>>();
  let next: { readonly level: number; readonly index: number }[] | undefined;
  let batch: Promise<ReadonlyMap<string, Buffer>> = Promise.resolve(new Map());

  const enqueue = async (level: number, index: number): Promise<Buffer | undefined> => {
    if (next) next.push({ level, index });
    else {
      const addresses = [{ level, index }];
      next = addresses;
      batch = Promise.resolve().then(async () => {
        next = undefined;
        const rows = await findTiles(db, realm, addresses);
        return new Map(rows.map((row) => [`${row.level}/${row.index}`, row.hashes]));
      });
    }
    return (await batch).get(`${level}/${index}`);
  };

  return async (level, index, width) => {
    const key = `${level}/${index}`;
    const pending = read.get(key) ?? enqueue(level, index);
    read.set(key, pending);
    const tile = await pending;
    if (!tile || tile.length < width * HASH_BYTES)
      throw new Error(`the log has no tile ${key} of width ${width}`);
    return tile.subarray(0, width * HASH_BYTES);
  };
}
