import { parseDigest, type Digest } from '@sheaf/bundle';
import type { Cache } from '../cache.js';
import { claimedLeaf } from '../claimed-leaf.js';
import { sumSizes, walkBlobs, walkLeftovers, walkReceipts, type BlobFile, type CacheFile } from './walk.js';
import type { ReceiptKey } from './layout.js';

/** A version of a workflow in the cache, as its receipt says; nothing of it is verified. */
export interface CachedWorkflow extends ReceiptKey {
  /** Of the tar. */
  readonly digest: Digest;
  /** Of the bundle, which is what the cache keeps it under. */
  readonly blob: Digest;
  /** Whether the bundle is here as well, and not the receipt alone. */
  readonly hasBlob: boolean;
}

/** What the cache keeps and drops as one: a bundle and the receipts that name it. */
export interface CacheItem {
  /** Without receipts it is a bundle that only a lockfile knows. */
  readonly workflows: readonly CachedWorkflow[];
  readonly blob: Digest;
  /** Bundle and receipts together. */
  readonly sizeBytes: number;
  /** When any of it was used last, to the second; milliseconds since 1970. */
  readonly usedMs: number;
  readonly files: readonly CacheFile[];
}

/** All that is in a cache. */
export interface CacheContents {
  /** Used last comes first. */
  readonly items: readonly CacheItem[];
  /** Cut downloads, receipts that cannot be read and other traces. */
  readonly leftovers: readonly CacheFile[];
  readonly sizeBytes: number;
}

/**
 * Lists what is in a cache, from the names and the receipts in it: nothing is verified, and receipts that cannot be read
 * are leftovers. What lies behind a link is not looked at.
 *
 * @throws ClientError `operation.cancelled`
 */
export async function listCache(
  cache: Pick<Cache, 'dir'>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<CacheContents> {
  const blobs = new Map<Digest, BlobFile>();
  for await (const blob of walkBlobs(cache.dir, signal)) blobs.set(blob.digest, blob);
  const items = new Map<Digest, { workflows: CachedWorkflow[]; files: CacheFile[] }>();
  const itemOf = (digest: Digest) => {
    const file = blobs.get(digest);
    const item = items.get(digest) ?? { workflows: [], files: file === undefined ? [] : [file] };
    items.set(digest, item);
    return item;
  };
  for (const digest of blobs.keys()) itemOf(digest);
  const leftovers: CacheFile[] = [];
  for await (const { receipt, key, ...file } of walkReceipts(cache.dir, signal)) {
    const leaf = receipt === 'corrupt' ? undefined : claimedLeaf(receipt);
    if (leaf === undefined) {
      leftovers.push(file);
      continue;
    }
    const blob = parseDigest(`sha256:${leaf.blob.sha256}`);
    const digest = parseDigest(`sha256:${leaf.tar.sha256}`);
    const item = itemOf(blob);
    item.workflows.push({ ...key, digest, blob, hasBlob: blobs.has(blob) });
    item.files.push(file);
  }
  for await (const file of walkLeftovers(cache.dir, signal)) leftovers.push(file);
  const listed = [...items].map(([blob, { workflows, files }]) => ({
    workflows,
    blob,
    files,
    sizeBytes: sumSizes(files),
    usedMs: Math.max(...files.map(({ usedMs }) => usedMs)),
  }));
  listed.sort((a, b) => b.usedMs - a.usedMs);
  return { items: listed, leftovers, sizeBytes: sumSizes(listed) + sumSizes(leftovers) };
}
