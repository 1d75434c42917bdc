import { digestOf, gunzipTar, type Bundle } from '@sheaf/bundle';
import { blobKey, type ObjectStore } from '../../objects/port.js';

/**
 * Puts a verified blob at the digest of its tar, unless one is there, and returns the bytes that the store holds.
 *
 * Compressors differ, so an earlier upload of the same tar may have left other bytes. The log must name the bytes
 * that will be served, so those are read back and verified; there is one blob for each tar digest.
 *
 * @throws Error when the stored blob no longer holds the tar: the store is damaged, and publishing must not build on it
 */
export async function storeBlob(objects: ObjectStore, bundle: Bundle, blob: Uint8Array): Promise<Uint8Array> {
  const key = blobKey(bundle.digest);
  const stored = await putOrRead(objects, key, blob);
  if (Buffer.compare(stored, blob) === 0) return stored;
  if (digestOf(await gunzipTar(stored, bundle.sizeBytes)) !== bundle.digest)
    throw new Error(`the stored object ${key} is not the bundle that its name says`);
  return stored;
}

/** More sweeps than can come between one look and the next. */
const MAX_ATTEMPTS = 10;

async function putOrRead(objects: ObjectStore, key: string, blob: Uint8Array): Promise<Uint8Array> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if ((await objects.putIfAbsent(key, blob)) === 'created') return blob;
    const stored = await objects.get(key);
    // An old one that nothing named may be swept between the two.
    if (stored !== undefined) return stored;
  }
  throw new Error(`the stored object ${key} vanishes as often as it is put`);
}
