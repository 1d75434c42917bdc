import { entryBundlePath, MAX_LEAF_BYTES, tilePath } from '@sheaf/bundle';
import { routes } from '../contract/index.js';
import { isClientError } from '../errors.js';
import type { Access } from './access.js';
import { ANY_TYPE, type Caller, type CallOptions } from './caller.js';

const MAX_NOTE_BYTES = 64 * 1024;
const FULL_TILE = 256;
const HASH_BYTES = 32;
/** Each entry comes after two bytes of length. */
const MAX_ENTRIES_BYTES = FULL_TILE * (MAX_LEAF_BYTES + 2);
const PUBLIC_REALM = 'public';

export interface LogOptions extends CallOptions {
  /** Which of the registry's logs; `public` unless given. The log of a private namespace is read with the token. */
  readonly realm?: string | undefined;
}

/** The registry's logs (C2SP tlog-tiles). */
export interface LogMethods {
  /** The log's newest signed note, unverified. */
  getCheckpoint(options?: LogOptions): Promise<string>;
  /** `width` hashes of a tile, unverified. */
  getTile(level: number, index: number, width: number, options?: LogOptions): Promise<Uint8Array>;
  /** An entry bundle of `width` entries, or the full one that has taken its place, unverified. */
  getEntries(index: number, width: number, options?: LogOptions): Promise<Uint8Array>;
}

export function logMethods(call: Caller): LogMethods {
  return {
    async getCheckpoint({ realm = PUBLIC_REALM, ...more } = {}) {
      const options = { ...more, access: accessOf(realm) };
      const { body } = await call.get(routes.checkpoint(realm), 'text/plain', MAX_NOTE_BYTES, options);
      return Buffer.from(body).toString('utf8');
    },
    /** A partial tile may be gone once the full one exists (C2SP tlog-tiles, "Partial Tiles"); its hashes begin that one. */
    async getTile(level, index, width, { realm = PUBLIC_REALM, signal } = {}) {
      const options = { access: accessOf(realm), signal };
      const load = async (hashes: number) => {
        const path = routes.tile(realm, tilePath(level, index, hashes));
        return (await call.get(path, ANY_TYPE, FULL_TILE * HASH_BYTES, options)).body;
      };
      try {
        return await load(width);
      } catch (error) {
        if (width === FULL_TILE || !isClientError(error, 'tile.not_found')) throw error;
        return (await load(FULL_TILE)).subarray(0, width * HASH_BYTES);
      }
    },
    async getEntries(index, width, { realm = PUBLIC_REALM, signal } = {}) {
      const options = { access: accessOf(realm), signal };
      const load = async (entries: number) => {
        const path = routes.tile(realm, entryBundlePath(index, entries));
        return (await call.get(path, ANY_TYPE, MAX_ENTRIES_BYTES, options)).body;
      };
      try {
        return await load(width);
      } catch (error) {
        if (width === FULL_TILE || !isClientError(error, 'tile.not_found')) throw error;
        return load(FULL_TILE);
      }
    },
  };
}

function accessOf(realm: string): Access {
  return realm === PUBLIC_REALM ? 'anonymous' : 'token';
}
