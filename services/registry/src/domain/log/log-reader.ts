import { setImmediate } from 'node:timers/promises';
import { encodeEntryBundle, inclusionProof, tilesReader, type LoggedLeaf } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findTile, leavesAt, leavesBetween } from '../../db/log-queries.js';
import { createTileLoader, rememberHashes } from './tile-loader.js';
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

/** So many proofs are made at a time, so that many do not keep others waiting. */
const PROOFS_AT_A_TIME = 32;

/** Leaves with their inclusion proofs in the tree of `size`, in the order asked for: few queries, however many there are. */
export async function provenLeaves(
  deps: LogDeps,
  indices: readonly number[],
  size: number,
): Promise<readonly LoggedLeaf[]> {
  const rows = new Map((await leavesAt(deps.db, deps.realm, indices)).map((r) => [r.index, r.leaf]));
  const read = rememberHashes(tilesReader(createTileLoader(deps.db, deps.realm), size));
  const prove = async (index: number): Promise<LoggedLeaf> => {
    const leaf = rows.get(index);
    if (!leaf) throw new Error(`the log has no leaf ${index}`);
    return { index, leaf, proof: await inclusionProof(index, size, read) };
  };
  const proven: LoggedLeaf[] = [];
  for (let at = 0; at < indices.length; at += PROOFS_AT_A_TIME) {
    if (at > 0) await setImmediate();
    proven.push(...(await Promise.all(indices.slice(at, at + PROOFS_AT_A_TIME).map(prove))));
  }
  return proven;
}
