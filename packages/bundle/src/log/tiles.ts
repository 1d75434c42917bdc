import { concatBytes } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import {
  emptyRoot,
  HASH_BYTES,
  hashChildren,
  hashSiblings,
  type NodeAddress,
  type ReadHashes,
} from './merkle.js';
import { TILE_HEIGHT, TILE_WIDTH } from './tile-path.js';

/** A row of up to 256 consecutive hashes of the tree (C2SP tlog-tiles, height 8). */
export interface Tile {
  /** Level of the tile: its hashes are at tree level `8·level`. */
  readonly level: number;
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
  /** `width·32` bytes. */
  readonly hashes: Uint8Array;
}

/** The rightmost, partial tile of each level that has one, by `${level}/${index}`: all that appending needs. */
export type TileEdge = ReadonlyMap<string, Uint8Array>;

/** What {@link appendToTiles} answers. */
export interface TileAppend {
  readonly size: number;
  readonly root: Uint8Array;
  /** Every tile that changed, with its whole new content: full ones first, level by level. */
  readonly tiles: readonly Tile[];
  readonly edge: TileEdge;
}

/**
 * Appends leaves to a tree that is stored as tiles.
 *
 * @param size leaves before
 * @param edge the partial tiles of a tree of that size
 * @param leafHashes 32 bytes each
 * @throws BundleError `log.tile_invalid` when the edge is not that of a tree of `size`, `log.range` when the tree
 *   would grow past 2^53 leaves
 */
export function appendToTiles(size: number, edge: TileEdge, leafHashes: readonly Uint8Array[]): TileAppend {
  const newSize = size + leafHashes.length;
  if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(newSize)) {
    throw new BundleError('log.range', `${size} is not a size that a tree can grow from`);
  }
  const tiles: Tile[] = [];
  const newEdge = new Map<string, Uint8Array>();
  let incoming = leafHashes;
  let before = size;
  for (let level = 0; before > 0 || incoming.length > 0; level++) {
    const first = Math.floor(before / TILE_WIDTH);
    const partial = readEdge(edge, level, first, before % TILE_WIDTH);
    const row = concatBytes([partial, ...incoming.map(checkHash)]);
    const parents: Uint8Array[] = [];
    for (let at = 0, index = first; at < row.length; index++, at += TILE_WIDTH * HASH_BYTES) {
      const hashes = row.subarray(at, Math.min(row.length, at + TILE_WIDTH * HASH_BYTES));
      const width = hashes.length / HASH_BYTES;
      if (incoming.length > 0) tiles.push({ level, index, width, hashes });
      if (width === TILE_WIDTH) parents.push(subtreeRoot(hashes));
      else newEdge.set(edgeKey(level, index), hashes);
    }
    incoming = parents;
    before = first;
  }
  return { size: newSize, root: edgeRoot(newSize, newEdge), tiles, edge: newEdge };
}

/** The root of a tree from its partial tiles alone. @throws BundleError `log.tile_invalid` */
export function edgeRoot(size: number, edge: TileEdge): Uint8Array {
  let root: Uint8Array | undefined;
  let rest = size;
  for (let level = 0; rest > 0; level++) {
    const index = Math.floor(rest / TILE_WIDTH);
    const hashes = readEdge(edge, level, index, rest % TILE_WIDTH);
    // The complete subtrees of the row, smallest and rightmost first: each is the left neighbour of all before it.
    let end = hashes.length;
    for (let bytes = HASH_BYTES; end > 0; bytes *= 2) {
      if ((end / bytes) % 2 === 0) continue;
      const subtree = subtreeRoot(hashes.subarray(end - bytes, end));
      root = root === undefined ? subtree : hashChildren(subtree, root);
      end -= bytes;
    }
    rest = index;
  }
  return root ?? emptyRoot();
}

/** Reads tree hashes from the tiles of a log of `size` leaves; each tile is fetched once per call. */
export function tilesReader(
  fetchTile: (level: number, index: number, width: number) => Promise<Uint8Array>,
  size: number,
): ReadHashes {
  async function fetchChecked(level: number, index: number): Promise<Uint8Array> {
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
    if (width < 1) throw new BundleError('log.range', `a log of ${size} has no tile ${level}/${index}`);
    const hashes = await fetchTile(level, index, width);
    if (hashes.length < width * HASH_BYTES) {
      throw new BundleError('log.tile_invalid', `tile ${level}/${index} has fewer than ${width} hashes`);
    }
    return hashes.subarray(0, width * HASH_BYTES);
  }

  return async (nodes) => {
    const fetched = new Map<string, Promise<Uint8Array>>();
    return Promise.all(
      nodes.map(async (node) => {
        const { level, index, start, end } = placeInTile(node);
        const key = edgeKey(level, index);
        const pending = fetched.get(key) ?? fetchChecked(level, index);
        fetched.set(key, pending);
        const hashes = await pending;
        if (end * HASH_BYTES > hashes.length) {
          throw new BundleError(
            'log.range',
            `a log of ${size} has no complete subtree ${node.level}/${node.index}`,
          );
        }
        return subtreeRoot(hashes.subarray(start * HASH_BYTES, end * HASH_BYTES));
      }),
    );
  };
}

/** The tile whose hashes a subtree spans, and which of them. */
function placeInTile({ level, index }: NodeAddress) {
  const span = 2 ** (level % TILE_HEIGHT);
  const first = index * span;
  const start = first % TILE_WIDTH;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    start,
    end: start + span,
  };
}

/** The root over 1, 2, 4, … 256 hashes. */
function subtreeRoot(hashes: Uint8Array): Uint8Array {
  // A copy, which `slice` is not for a Buffer: what it is given belongs to the caller.
  const row = Uint8Array.from(hashes);
  for (let bytes = row.length; bytes > HASH_BYTES; bytes /= 2) {
    // Each parent is written where its left child stood or before it, which nothing reads again.
    for (let at = 0; at < bytes; at += 2 * HASH_BYTES) {
      row.set(hashSiblings(row.subarray(at, at + 2 * HASH_BYTES)), at / 2);
    }
  }
  return row.slice(0, HASH_BYTES);
}

function readEdge(edge: TileEdge, level: number, index: number, width: number): Uint8Array {
  const hashes = width === 0 ? new Uint8Array(0) : edge.get(edgeKey(level, index));
  if (hashes?.length !== width * HASH_BYTES) {
    throw new BundleError('log.tile_invalid', `partial tile ${level}/${index} does not have ${width} hashes`);
  }
  return hashes;
}

function checkHash(hash: Uint8Array): Uint8Array {
  if (hash.length !== HASH_BYTES) throw new BundleError('log.range', 'a leaf hash does not have 32 bytes');
  return hash;
}

function edgeKey(level: number, index: number): string {
  return `${level}/${index}`;
}
