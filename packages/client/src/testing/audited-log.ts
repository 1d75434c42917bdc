import {
  appendToTiles,
  encodeEntryBundle,
  formatCheckpoint,
  hashLeaf,
  signNote,
  tilePath,
  type Tile,
} from '@sheaf/bundle';
import type { AuditDeps } from '../audit/audit-log.js';
import { encodeAuditState, decodeAuditState } from '../audit/audit-format.js';
import type { AuditState } from '../audit/audit-state.js';
import type { AuditStore } from '../audit/audit-store.js';
import type { FetchEntries } from '../audit/entries.js';
import type { FetchTile } from '../consistency.js';
import { ClientError } from '../errors.js';
import { testKey } from './test-log.js';

export const AUDIT_ORIGIN = 'wf.example.com';
const LOG_KEY = testKey(2);

/** A log as a registry serves it: what it shows of its leaves can be changed on the way. */
export interface ServedLog {
  readonly getCheckpoint: () => Promise<string>;
  readonly fetchTile: FetchTile;
  readonly fetchEntries: FetchEntries;
  readonly fetchKeyHistory?: AuditDeps['fetchKeyHistory'];
  /** Bundles that were asked for. */
  readonly asked: number[];
}

/** Serves some leaves as the log of a realm, signed with the key of seed 2. */
export function serveLog(
  leaves: readonly Uint8Array[],
  options: { readonly realm?: string; readonly shown?: (index: number) => Uint8Array } = {},
): ServedLog {
  const { realm = 'public', shown = (index: number) => leaves[index] ?? new Uint8Array() } = options;
  const origin = `${AUDIT_ORIGIN}/log/${realm}`;
  const tiles = new Map<string, Tile>();
  const { tiles: all, root } = appendToTiles(0, new Map(), leaves.map(hashLeaf));
  for (const tile of all) tiles.set(tilePath(tile.level, tile.index, tile.width), tile);
  const asked: number[] = [];
  return {
    asked,
    getCheckpoint: () =>
      Promise.resolve(signNote(formatCheckpoint({ origin, size: leaves.length, root }), origin, LOG_KEY)),
    fetchTile: (level, index, width) => {
      const tile = tiles.get(tilePath(level, index, width));
      return tile === undefined
        ? Promise.reject(new ClientError('tile.not_found', 'no such tile'))
        : Promise.resolve(tile.hashes);
    },
    fetchEntries: (index, width) => {
      asked.push(index);
      return Promise.resolve(
        encodeEntryBundle(Array.from({ length: width }, (_, i) => shown(index * 256 + i))),
      );
    },
  };
}

/** A store in memory, which keeps bytes as the one on disk does. */
export function memoryStore(): AuditStore & { readonly kept: Uint8Array[] } {
  const kept: Uint8Array[] = [];
  const find = (): AuditState | undefined => {
    const newest = kept.at(-1);
    return newest === undefined ? undefined : decodeAuditState(newest);
  };
  return {
    kept,
    find: () => Promise.resolve(find()),
    findNote: () => Promise.resolve(find()?.note ?? null),
    save: (state) => {
      if (state.size >= (find()?.size ?? 0)) kept.push(encodeAuditState(state));
      return Promise.resolve();
    },
  };
}
