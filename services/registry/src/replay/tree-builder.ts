import { appendToTiles, hashLeaf, type Tile, type TileEdge } from '@sheaf/bundle';

/** Grows the tree of a log leaf by leaf, holding one tile for each level: nothing else of the log is kept. */
export interface TreeBuilder {
  readonly size: number;
  /** Appends leaves and answers the tiles that changed. */
  append(leaves: readonly Uint8Array[]): readonly Tile[];
  /** Root of the tree so far. */
  root(): Uint8Array;
}

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
  };
}
