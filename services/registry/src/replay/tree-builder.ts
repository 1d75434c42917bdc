import { appendToTiles, hashLeaf, type Tile, type TileEdge } from '@sheaf/bundle';

/** Grows the tree of a log leaf by leaf, holding one tile for each level: nothing else of the log is kept. */
export interface TreeBuilder {
  readonly size: number;
  /** Appends leaves and answers the tiles that changed. */
  append(leaves: readonly Uint8Array[]): readonly Tile[];
  /** Root of the tree so far. */
  root(): Uint8Array;
  /** The tiles that are not full, one for each level that has one, lowest first. */
  partialTiles(): readonly Tile[];
}

const HASH_BYTES = 32;
const TILE_WIDTH = 256;

export function createTreeBuilder(): TreeBuilder {
  let edge: TileEdge = new Map();
  let size = 0;
  let root = appendToTiles(0, edge, []).root;
  return {
    get size() {
      return size;
    },
    append: (leaves) => {
      const grown = appendToTiles(size, edge, leaves.map(hashLeaf));
      ({ size, root, edge } = grown);
      return grown.tiles;
    },
    root: () => root,
    partialTiles: () => {
      const tiles: Tile[] = [];
      for (let level = 0, width = size; width > 0; level += 1, width = Math.floor(width / TILE_WIDTH)) {
        const index = Math.floor(width / TILE_WIDTH);
        const hashes = edge.get(`${level}/${index}`);
        if (hashes !== undefined && hashes.length > 0)
          tiles.push({ level, index, width: hashes.length / HASH_BYTES, hashes });
      }
      return tiles;
    },
  };
}
