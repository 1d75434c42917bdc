import type { NodeAddress, ReadHashes } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findTiles } from '../../db/log-queries.js';
import { fullTilesOf } from './full-tiles.js';

const HASH_BYTES = 32;
const FULL_BYTES = 256 * HASH_BYTES;

/**
 * Reads tiles of one realm's log: all that are asked for in the same turn of the event loop come with one query, and each
 * is read once. For as long as one answer takes: it forgets nothing. Full ones come from memory when they were read before.
 */
export function createTileLoader(
  db: Db,
  realm: string,
): (level: number, index: number, width: number) => Promise<Buffer> {
  const read = new Map<string, Promise<Buffer | undefined>>();
  let next: { readonly level: number; readonly index: number }[] | undefined;
  let batch: Promise<ReadonlyMap<string, Buffer>> = Promise.resolve(new Map());

  const full = fullTilesOf(db);

  const enqueue = async (level: number, index: number): Promise<Buffer | undefined> => {
    if (next) next.push({ level, index });
    else {
      const addresses = [{ level, index }];
      next = addresses;
      batch = Promise.resolve().then(async () => {
        next = undefined;
        const rows = await findTiles(db, realm, addresses);
        return new Map(rows.map((row) => [keyOf(row), row.hashes]));
      });
    }
    const tile = (await batch).get(keyOf({ level, index }));
    if (tile?.length === FULL_BYTES) full.keep(realm, keyOf({ level, index }), tile);
    return tile;
  };
  const find = async (level: number, index: number): Promise<Buffer | undefined> =>
    full.find(realm, keyOf({ level, index })) ?? enqueue(level, index);

  return async (level, index, width) => {
    const key = keyOf({ level, index });
    const pending = read.get(key) ?? find(level, index);
    read.set(key, pending);
    const tile = await pending;
    if (!tile || tile.length < width * HASH_BYTES)
      throw new Error(`the log has no tile ${key} of width ${width}`);
    return tile.subarray(0, width * HASH_BYTES);
  };
}

/** Remembers the hashes of subtrees: proofs in one tree share most of what lies near its root. */
export function rememberHashes(read: ReadHashes): ReadHashes {
  const known = new Map<string, Promise<Uint8Array>>();
  return (nodes) => {
    const missing = nodes.filter((node) => !known.has(keyOf(node)));
    const fetched = missing.length === 0 ? Promise.resolve([]) : read(missing);
    for (const [i, node] of missing.entries()) {
      // Too few hashes are for the reader of the proof to find.
      known.set(
        keyOf(node),
        fetched.then((hashes) => hashes[i] ?? new Uint8Array(0)),
      );
    }
    return Promise.all(nodes.map((node) => known.get(keyOf(node)) ?? Promise.resolve(new Uint8Array(0))));
  };
}

function keyOf({ level, index }: NodeAddress): string {
  return `${level}/${index}`;
}
