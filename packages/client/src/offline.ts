import { parseDigest, sha256Hex, type Digest, type Receipt } from '@sheaf/bundle';
import type { Version } from '@sheaf/workflow';
import type { Cache } from './cache.js';
import { damagedBlob } from './cache/damaged-blob.js';
import type { ReceiptKey } from './cache/layout.js';
import { claimedLeaf } from './claimed-leaf.js';
import { ClientError, type VerificationStep } from './errors.js';
import { registryIdOf, type Pin } from './pin.js';
import type { PolicyContext } from './policy/policy-context.js';
import { formatReference, type Reference } from './reference.js';
import { fetchOnline } from './remedy.js';
import type { VerifyingTrust } from './trust-store.js';
import { createSteps } from './verification-steps.js';
import type { VerifiedWorkflow } from './verification-types.js';
import { verifyWorkflow } from './verify.js';
import { compareVersions, isInRange, isPrerelease } from './version-order.js';

/** What to verify from the cache alone, and whom to believe. */
export interface OfflineRequest {
  readonly cache: Pick<Cache, 'findReceipt' | 'findBlob' | 'findStandings' | 'listVersions'>;
  readonly reference: Reference;
  readonly policy: PolicyContext;
  readonly trust: VerifyingTrust;
  readonly signal?: AbortSignal | undefined;
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
  /** Told which version the reference means, before it is verified. */
  readonly onResolved?: ((version: Version) => void) | undefined;
}

/**
 * Verifies a workflow from the cache alone. A range means the highest version in the cache; a channel means nothing
 * without its registry.
 *
 * @throws ClientError `offline.missing`, or as `verifyWorkflow`
 */
export async function fetchOffline(request: OfflineRequest, pin: Pin): Promise<VerifiedWorkflow> {
  const { cache, reference, policy, trust, onStep, signal } = request;
  const version = await findVersion(request, pin);
  const key: ReceiptKey | undefined = version && { registry: registryIdOf(pin), id: reference.id, version };
  const receipt = key && (await cache.findReceipt(key));
  if (version === undefined || receipt === undefined || key === undefined) throw missing(reference);
  request.onResolved?.(version);
  if (receipt === 'corrupt') return failDamaged(onStep);
  return verifyWorkflow({
    receipt,
    standings: [],
    policy,
    trust,
    cache,
    blob: async (leaf) => {
      const digest = parseDigest(`sha256:${leaf.blob.sha256}`);
      const blob = await cache.findBlob(digest);
      if (blob === undefined) throw missing(reference);
      if (sha256Hex(blob) !== leaf.blob.sha256) throw damagedBlob(digest);
      return blob;
    },
    expected: { id: reference.id, version, digest: selectedDigest(reference) },
    pin,
    signal,
    onStep,
  });
}

/**
 * What of the cache a reference would mean without a connection, when receipt and bundle are both there. Nothing of it
 * is verified yet.
 */
export async function findOffline(
  { cache, reference }: Pick<OfflineRequest, 'cache' | 'reference'>,
  pin: Pin,
): Promise<Version | undefined> {
  const version = await findVersion({ cache, reference }, pin);
  if (version === undefined) return undefined;
  const receipt = await cache.findReceipt({ registry: registryIdOf(pin), id: reference.id, version });
  const leaf = receipt === undefined || receipt === 'corrupt' ? undefined : claimedLeaf(receipt);
  if (leaf === undefined) return undefined;
  const blob = await cache.findBlob(parseDigest(`sha256:${leaf.blob.sha256}`));
  return blob === undefined ? undefined : version;
}

async function findVersion(
  { cache, reference }: Pick<OfflineRequest, 'cache' | 'reference'>,
  pin: Pin,
): Promise<Version | undefined> {
  const { id, selector } = reference;
  if (selector.kind === 'version') return selector.version;
  if (selector.kind === 'channel') return undefined;
  const registry = registryIdOf(pin);
  const versions = [...(await cache.listVersions(registry, id))].sort((a, b) => compareVersions(b, a));
  if (selector.kind === 'range') return versions.find((v) => isInRange(v, selector.range));
  if (selector.kind === 'latest') return versions.find((v) => !isPrerelease(v));
  for (const version of versions) {
    const receipt = await cache.findReceipt({ registry, id, version });
    if (receipt !== undefined && receipt !== 'corrupt' && claims(receipt, selector.digest)) return version;
  }
  return undefined;
}

/** Good enough to find it by, since verification compares again. */
function claims(receipt: Receipt, digest: Digest): boolean {
  const leaf = claimedLeaf(receipt);
  return leaf !== undefined && `sha256:${leaf.tar.sha256}` === digest;
}

function selectedDigest({ selector }: Reference): Digest | undefined {
  return selector.kind === 'digest' ? selector.digest : undefined;
}

function failDamaged(onStep: OfflineRequest['onStep']): Promise<never> {
  return createSteps(['log', 'leaf', 'signer', 'policy', 'bytes'], { onStep }).run('log', () =>
    Promise.reject(
      new ClientError('receipt.invalid', 'the receipt in the cache is damaged', {
        hint: 'fetch the workflow once with a connection: it is replaced then',
      }),
    ),
  );
}

function missing(reference: Reference): ClientError {
  const text = formatReference(reference);
  const isChannel = reference.selector.kind === 'channel';
  const why = isChannel ? 'a channel is known to its registry only' : 'it is not in the cache';
  const remedy = fetchOnline([text]);
  return new ClientError(
    'offline.missing',
    `cannot use ${text} without a connection: ${why}`,
    isChannel
      ? {
          hint: `name a version or a range of what was fetched, such as ${reference.id}@1.2.0: a channel is asked for each time`,
        }
      : { hint: `${remedy.text} once with a connection`, remedy },
  );
}
