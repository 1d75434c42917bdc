import { tilesReader, type ReadHashes, type Tile } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { leavesAt, type NamespaceHead } from '../../db/log-queries.js';
import type { LogHead } from './own-history.js';
import { createTileLoader, rememberHashes } from './tile-loader.js';

/**
 * What this process knows of a log that it appends to, so that a batch and its receipts need not read again what was just
 * written. Tiles only ever grow and leaves never change, so it is as good as the database for as long as that holds the
 * same history; {@link LogMemory.resumeAt} forgets everything when it does not.
 */
export interface LogMemory {
  /** Says which head the database has, before anything is taken from memory to continue it. */
  resumeAt(head: LogHead): void;
  /** The rightmost tiles of the tree of this size, by `level/index`; undefined when one is not known. */
  edge(
    addresses: readonly { readonly level: number; readonly index: number; readonly width: number }[],
  ): ReadonlyMap<string, Uint8Array> | undefined;
  /** The newest leaf of each namespace; undefined when that of one is not known. */
  heads(namespaces: readonly string[]): ReadonlyMap<string, NamespaceHead> | undefined;
  /** Takes in what was committed on top of the head that it resumed at. */
  extend(head: LogHead, tiles: readonly Tile[], heads: ReadonlyMap<string, NamespaceHead>): void;
  /** Hashes of the tree of this size, from memory and else from the database. */
  hashesOf(size: number): ReadHashes;
  /** A leaf that the log has. */
  leafAt(index: number): Promise<Uint8Array>;
}

const HASH_BYTES = 32;
const TILE_WIDTH = 256;
/** Of 8 KiB at the most: the edge, and what leads to the keys of those who publish. */
const MAX_TILES = 48;
/** Of 4 KiB at the most, mostly below one: leaves of keys. */
const MAX_LEAVES = 128;
/** Of namespaces that something was placed for lately. */
const MAX_HEADS = 256;

export function createLogMemory(db: Db, realm: string): LogMemory {
  const tiles = new Map<string, Uint8Array>();
  const leaves = new Map<number, Uint8Array>();
  const namespaceHeads = new Map<string, NamespaceHead>();
  let head: LogHead | undefined;
  /** Counts the histories: what was asked of one is not kept for another. */
  let history = 0;

  const keep = (key: string, hashes: Uint8Array): void => {
    // A longer one says everything that a shorter one says.
    const longest = (tiles.get(key)?.length ?? 0) > hashes.length ? tiles.get(key) : hashes;
    putLast(tiles, key, longest ?? hashes, MAX_TILES);
  };
  const find = (level: number, index: number, width: number): Uint8Array | undefined => {
    const hashes = tiles.get(`${level}/${index}`);
    return hashes !== undefined && hashes.length >= width * HASH_BYTES
      ? hashes.subarray(0, width * HASH_BYTES)
      : undefined;
  };

  return {
    resumeAt: (found) => {
      if (head?.size === found.size && Buffer.compare(head.root, found.root) === 0) return;
      history += 1;
      tiles.clear();
      leaves.clear();
      namespaceHeads.clear();
      head = { size: found.size, root: found.root };
    },
    edge: (addresses) => {
      const edge = new Map<string, Uint8Array>();
      for (const { level, index, width } of addresses) {
        const hashes = find(level, index, width);
        if (hashes === undefined) return undefined;
        edge.set(`${level}/${index}`, hashes);
      }
      return edge;
    },
    heads: (namespaces) => {
      const known = new Map<string, NamespaceHead>();
      for (const namespace of namespaces) {
        const found = namespaceHeads.get(namespace);
        if (found === undefined) return undefined;
        known.set(namespace, found);
      }
      return known;
    },
    extend: (next, written, moved) => {
      for (const { level, index, hashes } of written) keep(`${level}/${index}`, hashes);
      for (const [namespace, each] of moved) putLast(namespaceHeads, namespace, each, MAX_HEADS);
      head = next;
    },
    hashesOf: (size) => {
      const own = history;
      const load = createTileLoader(db, realm);
      const read = async (level: number, index: number, width: number): Promise<Uint8Array> => {
        const known = own === history ? find(level, index, width) : undefined;
        if (known !== undefined) return known;
        const loaded = await load(level, index, width);
        // One that is full never changes in its history.
        if (width === TILE_WIDTH && own === history) keep(`${level}/${index}`, loaded);
        return loaded;
      };
      return rememberHashes(tilesReader(read, size));
    },
    leafAt: async (index) => {
      const known = leaves.get(index);
      if (known !== undefined) return known;
      const own = history;
      const [row] = await leavesAt(db, realm, [index]);
      if (row === undefined) throw new Error(`the log has no leaf ${index}`);
      if (own === history) putLast(leaves, index, row.leaf, MAX_LEAVES);
      return row.leaf;
    },
  };
}

/** Puts an entry last, and drops the first ones beyond what is kept. */
function putLast<K, V>(entries: Map<K, V>, key: K, value: V, most: number): void {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= most) break;
    entries.delete(oldest);
  }
}
