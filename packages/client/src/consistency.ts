import {
  checkReceiptCheckpoint,
  consistencyProof,
  tilesReader,
  verifyConsistency,
  type LogVerifier,
} from '@sheaf/bundle';
import { ClientError, isClientError } from './errors.js';

/** A checkpoint whose signature has been verified, with the note that carries it. */
export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

/** Fetches the first `width` hashes of a tile (C2SP tlog-tiles). What it returns is not trusted. */
export type FetchTile = (level: number, index: number, width: number) => Promise<Uint8Array>;

/** @throws BundleError `log.signature`, `log.key_unknown`, `log.origin`, `note.invalid`, `checkpoint.invalid` */
export function openSeen(
  note: string,
  log: { readonly verifier: LogVerifier; readonly origin: string },
): SeenCheckpoint {
  const { size, root } = checkReceiptCheckpoint({ checkpoint: note }, log.verifier, log.origin);
  return { size, root, note };
}

/**
 * Proves from tiles that the newer of two checkpoints extends the older one.
 *
 * @throws ClientError `log.fork` when it does not: one log signed two histories; `log.unproven` when the registry
 * withholds what is needed to tell
 */
export async function assertConsistent(
  older: SeenCheckpoint,
  newer: SeenCheckpoint,
  fetchTile: FetchTile,
): Promise<void> {
  const proof = await proofBetween(older.size, newer.size, fetchTile);
  if (!verifyConsistency(older.size, older.root, newer.size, newer.root, proof)) {
    throw new ClientError(
      'log.fork',
      `the log's checkpoint of size ${newer.size} does not extend the one of size ${older.size} that was seen before`,
    );
  }
}

/** What can be told without tiles: two checkpoints of one size have one root. */
export function assertSameIfSameSize(one: SeenCheckpoint, other: SeenCheckpoint): void {
  if (one.size === other.size && !verifyConsistency(one.size, one.root, other.size, other.root, [])) {
    throw new ClientError('log.fork', `the log signed two different checkpoints of size ${one.size}`);
  }
}

/** The proofs of one verification share most of their tiles. */
export function rememberTiles(fetchTile: FetchTile): FetchTile {
  const known = new Map<string, Promise<Uint8Array>>();
  return (level, index, width) => {
    const key = `${level}/${index}/${width}`;
    const tile = known.get(key) ?? fetchTile(level, index, width);
    known.set(key, tile);
    return tile;
  };
}

async function proofBetween(
  oldSize: number,
  newSize: number,
  fetchTile: FetchTile,
): Promise<readonly Uint8Array[]> {
  // Nothing precedes an empty log, and a size extends itself: both hold with no proof, if the roots agree.
  if (oldSize === 0 || oldSize === newSize) return [];
  try {
    return await consistencyProof(oldSize, newSize, tilesReader(fetchTile, newSize));
  } catch (error) {
    if (!isClientError(error, 'tile.not_found', 'response.too_large')) throw error;
    throw new ClientError(
      'log.unproven',
      `the registry does not show how its log grew from ${oldSize} to ${newSize} entries`,
      { cause: error },
    );
  }
}
