import { createHash } from 'node:crypto';
import { RegistryError } from '../error.js';
import type { Gate } from '../gate.js';
import { blobKey, type ObjectStore } from '../../objects/port.js';
import type { BlobSource } from './document.js';

/** So much of a large blob is read at a time. */
export const WINDOW_BYTES = 128 * 1024;
/** Blobs up to this size are held whole. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** The whole bytes of a blob. They keep their place in memory for as long as somebody has a lease on them. */
export interface HeldBlob {
  readonly bytes: Buffer;
  /** Say `release` once for each `lease`. */
  lease(): void;
  release(): void;
}

/** Reads blobs out of the store, and holds the small ones that were asked for last within a number of bytes. */
export interface Blobs {
  /** The blob, when it is in memory now. */
  find(digest: string): HeldBlob | undefined;
  /**
   * The whole blob, for a small one when there is room; undefined for one that is to be read by windows. Its bytes were
   * compared with their digest when they came from the store.
   *
   * @throws RegistryError `service.storage_down` when the store does not have what it should
   */
  load(source: BlobSource): Promise<HeldBlob | undefined>;
  /**
   * A part that begins at `start`, of at most 128 KiB; whoever sends it bounds how many are held. How many are being read at
   * once is bounded here: others wait in line, but never for somebody's reader.
   *
   * @throws RegistryError `service.busy` when too many wait, and as {@link Blobs.load}
   */
  readWindow(source: Pick<BlobSource, 'digest'>, start: number, endInclusive: number): Promise<Uint8Array>;
  /** The whole blob of whatever size, not held; for whoever has room for it. @throws as {@link Blobs.load} */
  readWhole(source: BlobSource): Promise<Buffer>;
  readonly sizeBytes: number;
}

export interface BlobsOptions {
  readonly objects: Pick<ObjectStore, 'get' | 'getRange'>;
  /** Of what is held whole, leased or not. */
  readonly maxBytes: number;
  /** In bytes of windows, while they are being read. */
  readonly windows: Gate;
  readonly onLookup?: (outcome: 'hit' | 'miss') => void;
}

interface Held extends HeldBlob {
  isUsed: boolean;
  leases: number;
}

export function createBlobs({ objects, maxBytes, windows, onLookup }: BlobsOptions): Blobs {
  const held = new Map<string, Held>();
  const loading = new Map<string, Promise<HeldBlob>>();
  /** Of what is held and of what is being loaded. */
  let bytes = 0;

  /** Makes room for so many bytes; false when too much of what is held is being sent just now. */
  const reserve = (sizeBytes: number): boolean => {
    const over = () => bytes + sizeBytes > maxBytes;
    // The second look takes also what was asked for since the first.
    for (let look = 0; look < 2 && over(); look += 1) {
      for (const [digest, blob] of held) {
        if (!over()) break;
        if (blob.leases > 0) continue;
        if (blob.isUsed) blob.isUsed = false;
        else {
          held.delete(digest);
          bytes -= blob.bytes.length;
        }
      }
    }
    if (over()) return false;
    bytes += sizeBytes;
    return true;
  };

  const readWhole = async (source: BlobSource): Promise<Buffer> => {
    const found = await objects.get(blobKey(source.digest), { maxBytes: source.sizeBytes });
    if (!found) throw lost(source);
    const blob = Buffer.from(found.buffer, found.byteOffset, found.length);
    if (!createHash('sha256').update(blob).digest().equals(source.sha256)) throw lost(source);
    return blob;
  };

  const start = (source: BlobSource): Promise<HeldBlob> =>
    readWhole(source)
      .then(
        (blob) => {
          const entry = createHeld(blob);
          held.set(source.digest, entry);
          return entry;
        },
        (error: unknown) => {
          bytes -= source.sizeBytes;
          throw error;
        },
      )
      .finally(() => loading.delete(source.digest));

  const find = (digest: string): HeldBlob | undefined => {
    const blob = held.get(digest);
    if (blob) blob.isUsed = true;
    return blob;
  };

  return {
    find,
    load: async (source) => {
      const found = find(source.digest) ?? loading.get(source.digest);
      onLookup?.(found === undefined ? 'miss' : 'hit');
      if (found !== undefined) return found;
      if (source.sizeBytes > Math.min(MAX_HELD_BYTES, maxBytes / 4) || !reserve(source.sizeBytes))
        return undefined;
      const result = start(source);
      loading.set(source.digest, result);
      return result;
    },
    readWindow: (source, from, endInclusive) => {
      const end = Math.min(endInclusive, from + WINDOW_BYTES - 1);
      return windows.run(end - from + 1, async () => {
        const window = await objects.getRange(blobKey(source.digest), from, end);
        if (window?.length !== end - from + 1) throw lost(source);
        return window;
      });
    },
    readWhole,
    get sizeBytes() {
      return bytes;
    },
  };
}

function createHeld(bytes: Buffer): Held {
  const entry: Held = {
    bytes,
    isUsed: true,
    leases: 0,
    lease: () => {
      entry.leases += 1;
    },
    release: () => {
      entry.leases -= 1;
    },
  };
  return entry;
}

function lost({ digest }: Pick<BlobSource, 'digest'>): RegistryError {
  return new RegistryError('service.storage_down', `the object store does not have the bytes of ${digest}`);
}
