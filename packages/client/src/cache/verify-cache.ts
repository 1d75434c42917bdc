import { hexOfDigest, sha256Hex, type Digest } from '@sheaf/bundle';
import { MAX_BLOB_BYTES } from '../limits.js';
import type { Cache } from '../cache.js';
import { isVerificationFailure } from '../errors.js';
import { findFile, removeFile } from '../files.js';
import { registryIdOf, type Pin } from '../pin.js';
import type { TrustStore } from '../trust-store.js';
import { verifyReceipt } from '../verify.js';
import { blobPath } from './layout.js';
import { look, walkBlobs, walkReceipts, type ReceiptFile } from './walk.js';

/** Something in a cache that is not what its name says. */
export interface CacheDamage {
  readonly path: string;
  readonly what: 'blob' | 'receipt';
  /** As `acme/deploy 1.2.0`, or the digest. */
  readonly name: string;
  /** Why it is wrong: the code and the message of the check. */
  readonly code: string;
  readonly message: string;
}

/** What a look at every byte of a cache found. */
export interface CacheCheck {
  readonly blobs: number;
  readonly receipts: number;
  readonly sizeBytes: number;
  readonly damaged: readonly CacheDamage[];
  /** Receipts of registries whose log key is not pinned here: nothing can be said of them. */
  readonly unpinned: number;
}

/** What {@link verifyCache} takes. */
export interface VerifyCacheOptions {
  readonly trust: Pick<TrustStore, 'listPins'>;
  /** Leaves what is damaged where it is. Otherwise it is removed, and fetched again when it is needed. */
  readonly keepDamaged?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told before each file. */
  readonly onFile?: ((path: string, sizeBytes: number) => void) | undefined;
}

/**
 * Reads every byte of a cache again: bundles against the digest they lie under, receipts against the log key that is
 * pinned for their registry. Every use of a cache does that too for what it uses; this says it for all.
 *
 * @throws ClientError `operation.cancelled`, `trust.unusable`
 */
export async function verifyCache(
  cache: Pick<Cache, 'dir'>,
  options: VerifyCacheOptions,
): Promise<CacheCheck> {
  const { trust, keepDamaged = false, signal, onFile } = options;
  const pins = new Map((await trust.listPins()).map((pin) => [registryIdOf(pin), pin]));
  const damaged: CacheDamage[] = [];
  const count = { blobs: 0, receipts: 0, sizeBytes: 0, unpinned: 0 };
  const settle = async (found: CacheDamage | undefined): Promise<void> => {
    if (found === undefined) return;
    damaged.push(found);
    if (!keepDamaged) await removeFile(found.path);
  };
  for await (const blob of walkBlobs(cache.dir, signal)) {
    onFile?.(blob.path, blob.sizeBytes);
    count.blobs++;
    count.sizeBytes += blob.sizeBytes;
    await settle(await checkCachedBlob(cache, blob.digest));
  }
  for await (const receipt of walkReceipts(cache.dir, signal)) {
    onFile?.(receipt.path, receipt.sizeBytes);
    count.receipts++;
    count.sizeBytes += receipt.sizeBytes;
    const pin = pins.get(receipt.key.registry);
    if (pin === undefined && receipt.receipt !== 'corrupt') count.unpinned++;
    await settle(await checkReceipt(receipt, pin));
  }
  return { ...count, damaged };
}

/** Reads one bundle of a cache again; undefined when it is what its name says, or not there. */
export async function checkCachedBlob(
  cache: Pick<Cache, 'dir'>,
  digest: Digest,
): Promise<CacheDamage | undefined> {
  const path = blobPath(cache.dir, digest);
  const bytes = await findFile(path, MAX_BLOB_BYTES);
  if (bytes !== undefined && sha256Hex(bytes) === hexOfDigest(digest)) return undefined;
  // Another process may have cleaned it away meanwhile.
  if (bytes === undefined && (await look(path)) === undefined) return undefined;
  const message =
    bytes === undefined
      ? 'it is no file, or too large for a bundle'
      : `its ${bytes.length} bytes are sha256:${sha256Hex(bytes)}`;
  return { path, what: 'blob', name: digest, code: 'blob.digest', message };
}

async function checkReceipt(
  { path, key, receipt }: ReceiptFile,
  pin: Pin | undefined,
): Promise<CacheDamage | undefined> {
  const { id, version } = key;
  const named = { path, what: 'receipt', name: `${id} ${version}` } as const;
  if (receipt === 'corrupt') return { ...named, code: 'receipt.invalid', message: 'it is no receipt' };
  if (pin === undefined) return undefined;
  try {
    // Without what was seen before: that is for a fetch to say, with the registry's newest word.
    const forgetful = { ...pin, realms: new Map(), namespaces: new Map() };
    await verifyReceipt({ receipt, expected: { id, version }, pin: forgetful });
    return undefined;
  } catch (error) {
    if (!isVerificationFailure(error)) throw error;
    const { code, message } = error;
    return { ...named, code, message };
  }
}
