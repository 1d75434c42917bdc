import { parseDigest, type Digest, type PublishLeaf, type Receipt } from '@sheaf/bundle';
import { splitWorkflowId, type Version } from '@sheaf/workflow';
import type { Cache, ReceiptKey } from './cache.js';
import { claimedLeaf } from './claimed-leaf.js';
import { isVerificationFailure, type ClientError, type VerificationStep } from './errors.js';
import { createFreshness } from './freshness.js';
import { fetchOffline } from './offline.js';
import { PUBLIC_REALM, registryIdOf, type Pin } from './pin.js';
import { mayBeYoung } from './policy/gate.js';
import type { PolicyContext } from './policy/policy-context.js';
import { minReleaseAgeOf } from './policy/rules.js';
import type { Reference } from './reference.js';
import type { RegistryClient } from './registry-client.js';
import { chooseVersion, type Resolution } from './resolve.js';
import type { TrustStore } from './trust-store.js';
import { realmOf } from './verification-realm.js';
import type { VerifiedWorkflow } from './verification-types.js';
import { verifyReceipt, verifyWorkflow } from './verify.js';

export interface FetchRequest {
  readonly client: RegistryClient;
  readonly cache: Cache;
  readonly trust: TrustStore;
  readonly reference: Reference;
  readonly policy: PolicyContext;
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
  /** How the registry answered what the reference means; undefined offline. */
  readonly resolution: Resolution | undefined;
  readonly fromCache: { readonly receipt: boolean; readonly blob: boolean };
}

/**
 * Resolves a reference, gets receipt, standing and bundle from the cache or the registry, verifies them, and only then
 * keeps them. The bundle is asked for last, when its publisher is verified and allowed. `client.url` must be pinned.
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
  const { namespace } = splitWorkflowId(reference.id);
  const getNote = rememberNotes(request);
  // Most likely the log that the namespace was seen in; asked for early, and what fails tells itself when it is used.
  getNote(pin.namespaces.get(namespace) ?? PUBLIC_REALM).catch(() => undefined);
  const document = await client.getWorkflow(reference.id, { signal });
  const { version, digest, refusal, resolution } = chooseVersion(document, reference, ageLimit(request, pin));
  const key: ReceiptKey = { registry: registryIdOf(pin), id: reference.id, version };
  const got = await getVerified(request, { pin, key, digest, getNote });
  // The log has not said so, or it would have been refused by now; the registry's own word is enough to refuse.
  if (refusal !== undefined) throw refusal;
  return { ...got, resolution };
}

interface Target {
  readonly pin: Pin;
  readonly key: ReceiptKey;
  readonly digest: Digest;
  readonly getNote: (realm: string) => Promise<string>;
}

type Got = Pick<FetchedWorkflow, 'workflow' | 'fromCache'>;

async function getVerified(request: FetchRequest, target: Target): Promise<Got> {
  const cached = await findCached(request, target);
  try {
    return await completeAndVerify(request, target, cached);
  } catch (error) {
    const dropped = isVerificationFailure(error) ? await blame(error, target, cached) : undefined;
    if (dropped === undefined) throw error;
    if (dropped === 'receipt') await request.cache.dropReceipt(target.key);
    else if (cached.blobDigest !== undefined) await request.cache.dropBlob(cached.blobDigest);
    request.onCacheDropped?.(dropped, error as ClientError);
    // Only what is proven to be good may stay: after a bad receipt nothing is known of the blob.
    return completeAndVerify(request, target, {
      receipt: dropped === 'blob' ? cached.receipt : undefined,
    });
  }
}

interface Cached {
  readonly receipt?: Receipt | undefined;
  readonly blobDigest?: Digest | undefined;
  readonly blob?: Uint8Array | undefined;
}

/** Gets what the cache does not have, verifies all of it, and keeps what is new. */
async function completeAndVerify(request: FetchRequest, target: Target, cached: Cached): Promise<Got> {
  const { cache, client, trust, policy, onProgress, onStep, signal } = request;
  const { key, digest, pin } = target;
  const [receipt, current] = await Promise.all([
    cached.receipt ?? client.getReceipt(key.id, key.version, { signal }),
    client.getStanding(key.id, key.version, { signal }),
  ]);
  const { namespace } = splitWorkflowId(key.id);
  const realm = realmOf(receipt, pin, namespace) ?? PUBLIC_REALM;
  const standings = [current];
  const freshness = createFreshness(request, await target.getNote(realm), realm);
  let fetched: Uint8Array | undefined;
  const getBlob = async (verified: PublishLeaf) =>
    cached.blob ??
    (fetched = await client.getBlob(digest, { sizeBytes: verified.blob.size, onProgress, signal }));
  const expected = { id: key.id, version: key.version, digest };
  const input = { receipt, standings, expected, pin, freshness, policy, trust, cache, onStep };
  const workflow = await verifyWorkflow({ ...input, blob: getBlob });
  if (fetched !== undefined) await cache.putBlob(parseDigest(`sha256:${workflow.leaf.blob.sha256}`), fetched);
  if (cached.receipt === undefined) await cache.putReceipt(key, receipt);
  return {
    workflow,
    fromCache: { receipt: cached.receipt !== undefined, blob: fetched === undefined },
  };
}

async function findCached(request: FetchRequest, { key }: Target): Promise<Cached> {
  const receipt = await findReceipt(request, key);
  const leaf = receipt && claimedLeaf(receipt);
  if (leaf === undefined) return { receipt };
  const blobDigest = parseDigest(`sha256:${leaf.blob.sha256}`);
  return { receipt, blobDigest, blob: await request.cache.findBlob(blobDigest) };
}

/** Which cached entry a failed check speaks against; undefined when it speaks against the registry, or the release. */
async function blame(
  error: ClientError,
  { pin, key, digest }: Target,
  { receipt, blob }: Cached,
): Promise<'receipt' | 'blob' | undefined> {
  if (error.verification?.steps.at(-1)?.id === 'bytes') return blob === undefined ? undefined : 'blob';
  if (receipt === undefined) return undefined;
  try {
    // Without what was seen before: a receipt of another history is evidence, and no damage.
    const expected = { id: key.id, version: key.version, digest };
    await verifyReceipt({ receipt, expected, pin: { ...pin, realms: new Map(), namespaces: new Map() } });
    return undefined;
  } catch (alone) {
    if (!isVerificationFailure(alone)) throw alone;
    return 'receipt';
  }
}

async function findReceipt(request: FetchRequest, key: ReceiptKey): Promise<Receipt | undefined> {
  const found = await request.cache.findReceipt(key);
  if (found !== 'corrupt') return found;
  await request.cache.dropReceipt(key);
  request.onCacheDropped?.('receipt', undefined);
  return undefined;
}

/** Each log's newest note, asked for once. */
function rememberNotes({
  client,
  signal,
}: Pick<FetchRequest, 'client' | 'signal'>): (realm: string) => Promise<string> {
  const notes = new Map<string, Promise<string>>();
  return (realm) => {
    const note = notes.get(realm) ?? client.getCheckpoint({ realm, signal });
    notes.set(realm, note);
    return note;
  };
}

function ageLimit({ policy, reference }: Pick<FetchRequest, 'policy' | 'reference'>, pin: Pin) {
  const { namespace } = splitWorkflowId(reference.id);
  const publisher = { origin: pin.origin, namespace };
  return {
    minReleaseAgeMs: minReleaseAgeOf(policy.policy, publisher),
    nowMs: policy.nowMs(),
    isExempt: (version: Version) => mayBeYoung(policy, reference.id, version),
  };
}
