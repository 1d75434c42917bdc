import { gunzipTar, readBundle, type Bundle } from '@sheaf/bundle';
import type { Gate } from '../gate.js';
import type { Blobs } from './blobs.js';
import type { BlobSource } from './document.js';
import { createTaggedCache } from './tagged-cache.js';

/** Where the tar of a bundle is, and how large it is. */
export interface BundleSource extends BlobSource {
  readonly tarSizeBytes: number;
}

/** Unpacks bundles, and holds those that were asked for last within a number of bytes. */
export interface Bundles {
  /** @throws as `Blobs.readWhole`, and `service.busy` when too many are being unpacked */
  open(source: BundleSource): Promise<Bundle>;
  /** Whether it is unpacked already. */
  isOpen(source: Pick<BundleSource, 'digest'>): boolean;
}

export interface BundlesOptions {
  readonly blobs: Pick<Blobs, 'readWhole'>;
  readonly maxBytes: number;
  /** In bytes of tars. */
  readonly gate: Gate;
  readonly now: () => number;
  readonly onLookup?: (outcome: 'hit' | 'miss') => void;
}

/** What a file costs beside its bytes, which lie in the tar. */
const FILE_OVERHEAD_BYTES = 300;

export function createBundles({ blobs, maxBytes, gate, now, onLookup }: BundlesOptions): Bundles {
  const cache = createTaggedCache<Bundle>({
    maxBytes,
    now,
    // Bounded by bytes, below.
    gate: { run: (_cost, work) => work() },
    sizeOf: ({ sizeBytes, files }) => sizeBytes + files.length * FILE_OVERHEAD_BYTES,
    ...(onLookup && { onLookup }),
  });
  return {
    // What a digest names never changes, so no touch is ever meant for it.
    open: (source) =>
      cache.get(source.digest, [], () =>
        gate.run(source.tarSizeBytes + source.sizeBytes, async () =>
          readBundle(await gunzipTar(await blobs.readWhole(source), source.tarSizeBytes)),
        ),
      ),
    isOpen: ({ digest }) => cache.find(digest) !== undefined,
  };
}
