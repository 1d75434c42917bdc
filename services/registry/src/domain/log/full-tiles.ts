import type { Db } from '../../db/connection.js';

/** Of 8 KiB each: what lies near the roots of large logs, and what is asked for again and again. */
const MAX_TILES = 128;

/** Tiles with all their 256 hashes, which never change: those that were read last, of all logs of a database. */
export interface FullTiles {
  find(realm: string, tile: string): Buffer | undefined;
  keep(realm: string, tile: string, hashes: Buffer): void;
}

const ofDatabases = new WeakMap<Db, FullTiles>();

/** What this process has read of a database. */
export function fullTilesOf(db: Db): FullTiles {
  const tiles = ofDatabases.get(db) ?? createFullTiles();
  ofDatabases.set(db, tiles);
  return tiles;
}

export function createFullTiles(): FullTiles {
  const kept = new Map<string, Buffer>();
  const put = (key: string, hashes: Buffer): void => {
    kept.delete(key);
    kept.set(key, hashes);
  };
  return {
    find: (realm, tile) => {
      const hashes = kept.get(`${realm}/${tile}`);
      if (hashes) put(`${realm}/${tile}`, hashes);
      return hashes;
    },
    keep: (realm, tile, hashes) => {
      put(`${realm}/${tile}`, hashes);
      for (const oldest of kept.keys()) {
        if (kept.size <= MAX_TILES) break;
        kept.delete(oldest);
      }
    },
  };
}
