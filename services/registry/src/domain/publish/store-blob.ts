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
  if ((await objects.putIfAbsent(key, blob)) === 'created') return blob;
  const stored = await objects.get(key);
  if (stored && Buffer.compare(stored, blob) === 0) return stored;
  if (!stored || digestOf(await gunzipTar(stored, bundle.sizeBytes)) !== bundle.digest) {
    throw new Error(`the stored object ${key} is not the bundle that its name says`);
  }
  return stored;
}
