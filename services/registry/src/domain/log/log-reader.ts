import { encodeEntryBundle, inclusionProof, tilesReader, type LoggedLeaf } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findTile, leavesAt, leavesBetween } from '../../db/log-queries.js';
import { createTileLoader } from './tile-loader.js';
import { findNewestCosignedNote } from './cosigned-notes.js';

export interface LogDeps {
  readonly db: Db;
  readonly realm: string;
}

const HASH_BYTES = 32;
const TILE_WIDTH = 256;

/** The newest signed checkpoint, as a note with the newest cosignatures. */
export function newestNote(deps: LogDeps): Promise<string | undefined> {
  return findNewestCosignedNote(deps);
}

/** The first `width` hashes of a tile, or undefined when the log is not that large yet. A tile's prefix never changes. */
export async function readTile(
  { db, realm }: LogDeps,
  level: number,
  index: number,
  width: number,
): Promise<Buffer | undefined> {
  const hashes = await findTile(db, realm, level, index);
  if (!hashes || hashes.length < width * HASH_BYTES) return undefined;
  return hashes.subarray(0, width * HASH_BYTES);
}

/** The first `width` leaves of an entry bundle (C2SP tlog-tiles), or undefined when the log is not that large yet. */
export async function readEntries(
  { db, realm }: LogDeps,
  index: number,
  width: number,
): Promise<Buffer | undefined> {
  const start = index * TILE_WIDTH;
  const rows = await leavesBetween(db, realm, start, start + width);
  if (rows.length < width) return undefined;
  return Buffer.from(encodeEntryBundle(rows.map((r) => r.leaf)));
}

/** Leaves with their inclusion proofs in the tree of `size`, in the order asked for; two queries, however many there are. */
export async function provenLeaves(
  deps: LogDeps,
  indices: readonly number[],
  size: number,
): Promise<readonly LoggedLeaf[]> {
  const rows = new Map((await leavesAt(deps.db, deps.realm, indices)).map((r) => [r.index, r.leaf]));
  const read = tilesReader(createTileLoader(deps.db, deps.realm), size);
  return Promise.all(
    indices.map(async (index) => {
      const leaf = rows.get(index);
      if (!leaf) throw new Error(`the log has no leaf ${index}`);
      return { index, leaf, proof: await inclusionProof(index, size, read) };
    }),
  );
}
