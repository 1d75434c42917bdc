import { parseDigest, parseLeaf, type Digest, type Receipt } from '@sheaf/bundle';
import type { Cache, ReceiptKey } from './cache.js';
import { isVerificationFailure, type ClientError, type VerificationStep } from './errors.js';
import { createFreshness } from './freshness.js';
import { registryIdOf, type Pin } from './pin.js';
import { fetchOffline } from './offline.js';
import type { Reference } from './reference.js';
import type { RegistryClient } from './registry-client.js';
import { resolveVersion, type Resolution } from './resolve.js';
import type { TrustStore } from './trust-store.js';
import { verifyWorkflow, type Freshness, type VerifiedWorkflow } from './verify.js';

export interface FetchRequest {
  readonly client: RegistryClient;
  readonly cache: Cache;
  readonly trust: TrustStore;
  readonly reference: Reference;
  /** Uses the cache alone; freshness is then not checked. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((receivedBytes: number, sizeBytes: number) => void) | undefined;
  /** Steps of a second attempt, after a corrupt cache entry was dropped, are told again from the first. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
  /** A cache entry was corrupt, was dropped, and is fetched once more. */
  readonly onCacheDropped?: ((what: 'receipt' | 'blob', error: ClientError | undefined) => void) | undefined;
}

export interface FetchedWorkflow {
  readonly workflow: VerifiedWorkflow;
  /** What the registry says of the version's state; undefined offline. */
  readonly resolution: Resolution | undefined;
  readonly fromCache: { readonly receipt: boolean; readonly blob: boolean };
}

/**
 * Resolves a reference, gets receipt and bundle from the cache or the registry, verifies them, and only then keeps
 * them. `client.url` must be pinned.
 *
 * @throws ClientError `log.key_unpinned`, `offline.missing`, as `resolveVersion`, `verifyWorkflow` and the client's methods
 */
export async function fetchWorkflow(request: FetchRequest): Promise<FetchedWorkflow> {
  // The pin is read before the registry is asked: a checkpoint that another process stores meanwhile is then no rollback.
  const pin = await request.trust.getPin(request.client.url);
  if (request.offline === true) {
    const workflow = await fetchOffline(request, pin);
    return { workflow, resolution: undefined, fromCache: { receipt: true, blob: true } };
  }

  const { client, reference, signal } = request;
  const [document, note] = await Promise.all([
    client.getWorkflow(reference.id, { signal }),
    client.getCheckpoint({ signal }),
  ]);
  const resolution = resolveVersion(document, reference);
  const target: Target = {
    pin,
    key: { registry: registryIdOf(pin), id: reference.id, version: resolution.version },
    digest: resolution.digest,
    blobSizeBytes: resolution.summary.blobSizeBytes,
    freshness: createFreshness(request, note),
  };
  return { ...(await getVerified(request, target)), resolution };
}

interface Target {
  readonly pin: Pin;
  readonly key: ReceiptKey;
  readonly digest: Digest;
  readonly blobSizeBytes: number;
  readonly freshness: Freshness;
}

type Got = Pick<FetchedWorkflow, 'workflow' | 'fromCache'>;

async function getVerified(request: FetchRequest, target: Target): Promise<Got> {
  const receipt = await findReceipt(request, target.key);
  const blobDigest = receipt && claimedBlob(receipt);
  const blob = blobDigest && (await request.cache.findBlob(blobDigest));
  try {
    return await completeAndVerify(request, target, { receipt, blob });
  } catch (error) {
    const dropped = isVerificationFailure(error) ? blame(error, { receipt, blob }) : undefined;
    if (dropped === undefined) throw error;
    if (dropped === 'receipt') await request.cache.dropReceipt(target.key);
    else if (blobDigest !== undefined) await request.cache.dropBlob(blobDigest);
    request.onCacheDropped?.(dropped, error as ClientError);
    // Only what is proven to be good may stay: after a bad receipt nothing is known of the blob.
    return completeAndVerify(request, target, {
      receipt: dropped === 'blob' ? receipt : undefined,
      blob: undefined,
    });
  }
}

interface Cached {
  readonly receipt: Receipt | undefined;
  readonly blob: Uint8Array | undefined;
}

/** Fetches what the cache does not have, in parallel, verifies all of it, and keeps what is new. */
async function completeAndVerify(request: FetchRequest, target: Target, cached: Cached): Promise<Got> {
  const { cache, client, onProgress, onStep } = request;
  const { key, digest, pin, freshness } = target;
  const stop = new AbortController();
  const signal = request.signal === undefined ? stop.signal : AbortSignal.any([request.signal, stop.signal]);
  try {
    const blob = Promise.resolve(
      cached.blob ?? client.getBlob(digest, { sizeBytes: target.blobSizeBytes, onProgress, signal }),
    );
    // Its failure is told when verification asks for it, unless something else fails first.
    blob.catch(() => undefined);
    const receipt = cached.receipt ?? (await client.getReceipt(key.id, key.version, { signal }));
    const expected = { id: key.id, version: key.version, digest };
    const workflow = await verifyWorkflow({ receipt, blob: () => blob, expected, pin, freshness, onStep });
    if (cached.receipt === undefined) await cache.putReceipt(key, receipt);
    if (cached.blob === undefined)
      await cache.putBlob(parseDigest(`sha256:${workflow.leaf.blob.sha256}`), await blob);
    return {
      workflow,
      fromCache: { receipt: cached.receipt !== undefined, blob: cached.blob !== undefined },
    };
  } finally {
    stop.abort();
  }
}

/** The blob that an unverified receipt names; good enough to look for it, since verification compares again. */
function claimedBlob(receipt: Receipt): Digest | undefined {
  try {
    const leaf = parseLeaf(receipt.publish.leaf);
    return leaf.type === 'publish' ? parseDigest(`sha256:${leaf.blob.sha256}`) : undefined;
  } catch {
    return undefined;
  }
}

/** Which cached entry a failed check speaks against; undefined when it speaks against the registry. */
function blame(error: ClientError, cached: Cached): 'receipt' | 'blob' | undefined {
  const failed = error.verification?.steps.at(-1)?.id;
  if (failed === 'bytes') return cached.blob === undefined ? undefined : 'blob';
  const isHistory =
    error.code === 'log.fork' || error.code === 'log.rollback' || error.code === 'log.unproven';
  return cached.receipt === undefined || isHistory ? undefined : 'receipt';
}

async function findReceipt(request: FetchRequest, key: ReceiptKey): Promise<Receipt | undefined> {
  const found = await request.cache.findReceipt(key);
  if (found !== 'corrupt') return found;
  await request.cache.dropReceipt(key);
  request.onCacheDropped?.('receipt', undefined);
  return undefined;
}
