import type { Bundle } from '@sheaf/bundle';
import { isBlobSwept, reclaimBlob, type ReclaimedBlob } from '../../db/blob-sweep-queries.js';
import type { Db } from '../../db/connection.js';
import type { ObjectStore } from '../../objects/port.js';
import { RegistryError } from '../error.js';
import { storeBlob } from './store-blob.js';

/** A bundle and the compressed bytes of it that the object store held when it was put. */
export interface StoredBundle {
  readonly bundle: Bundle;
  readonly blob: Uint8Array;
}

/**
 * Records what names the bundles. When a sweep may have removed one of them since it was put, all are put again, and it is
 * recorded once more.
 *
 * @param record the transaction; it names the blobs as reclaimed before anything else
 * @throws RegistryError `service.busy` while a removal may still be on its way
 */
export async function recordNaming<T>(
  deps: { readonly db: Db; readonly objects: ObjectStore },
  stored: readonly StoredBundle[],
  record: (reclaimed: readonly ReclaimedBlob[]) => Promise<T>,
): Promise<T> {
  try {
    return await record([]);
  } catch (error) {
    if (!isBlobSwept(error)) throw error;
  }
  const reclaimed: ReclaimedBlob[] = [];
  for (const { bundle, blob } of stored) {
    const answer = await reclaimBlob(deps.db, Buffer.from(bundle.digest.slice('sha256:'.length), 'hex'));
    if (answer === undefined) continue;
    if (answer === 'sweeping' || Buffer.compare(await storeBlob(deps.objects, bundle, blob), blob) !== 0)
      throw new RegistryError('service.busy', 'an old copy of the bundle is being removed', {
        retryAfterSeconds: 60,
      });
    reclaimed.push(answer);
  }
  return record(reclaimed);
}
