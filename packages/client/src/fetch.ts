import { parseDigest, type Digest, type PublishLeaf, type Receipt } from '@sheaf/bundle';
import { quote, splitWorkflowId, type Version } from '@sheaf/workflow';
import type { Cache } from './cache.js';
import { observer } from './callbacks.js';
import type { ReceiptKey } from './cache/layout.js';
import { assertGoesOn } from './cancelled.js';
import { claimedLeaf } from './claimed-leaf.js';
import { obtainBlob, type ObtainedBlob } from './downloads/obtain-blob.js';
import { ClientError, isVerificationFailure, type VerificationStep } from './errors.js';
import type { OnFetchEvent } from './fetch-event.js';
import { createFreshness } from './freshness.js';
import { fetchOffline } from './offline.js';
import { PUBLIC_REALM, registryIdOf, type Pin } from './pin.js';
import { ageLimitOf } from './policy/age-limit.js';
import type { PolicyContext } from './policy/policy-context.js';
import { formatReference, type Reference } from './reference.js';
import type { RegistryClient } from './registry-client.js';
import type { RetryNotice } from './registry/retry.js';
import { chooseVersion, type Resolution } from './resolve.js';
import type { TrustStore } from './trust-store.js';
import { realmOf } from './verification-realm.js';
import type { VerifiedWorkflow } from './verification-types.js';
import { verifyReceipt, verifyWorkflow } from './verify.js';

/** What to fetch, from where, and whom to believe. */
export interface FetchRequest {
  readonly client: RegistryClient;
  readonly cache: Cache;
  readonly trust: TrustStore;
  /**
   * One that is qualified, as `corp:acme/deploy` is, is refused unless `registryName` is that name: `createUpstreams`
   * finds the registry that it means.
   */
  readonly reference: Reference;
  /** What references qualify themselves with to mean the registry of `client`, as `Upstream.name`. */
  readonly registryName?: string | undefined;
  readonly policy: PolicyContext;
  /** Uses the cache alone; freshness is then not checked. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What it throws ends the fetch: an error with a lower-case `code` as it is, any other as the `cause` of `callback.failed`. */
  readonly onEvent?: OnFetchEvent | undefined;
}

/** A workflow that passed every check, and where it came from. */
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
 * @throws ClientError `reference.registry_mismatch`, `log.key_unpinned`, `offline.missing`, as `resolveVersion`, `verifyWorkflow` and the client's methods
 */
export async function fetchWorkflow(given: FetchRequest): Promise<FetchedWorkflow> {
  assertMeant(given);
  const request = { ...given, onEvent: observer('onEvent', given.onEvent) };
  // The pin is read before the registry is asked: a checkpoint that another process stores meanwhile is then no rollback.
  assertGoesOn(request.signal);
  const pin = await request.trust.getPin(request.client.url, { signal: request.signal });
  if (request.offline === true) {
    const { cache, trust, reference, policy, signal, onEvent } = request;
    const onStep = stepTold(request);
    const onResolved = (version: Version) => {
      onEvent({ type: 'resolved', id: reference.id, version, digest: undefined });
    };
    const workflow = await fetchOffline({ cache, trust, reference, policy, signal, onStep, onResolved }, pin);
    return { workflow, resolution: undefined, fromCache: { receipt: true, blob: true } };
  }

  const { client, reference, signal } = request;
  const { namespace } = splitWorkflowId(reference.id);
  const getNote = rememberNotes(request);
  // Most likely the log that the namespace was seen in; asked for early, and what fails tells itself when it is used.
  getNote(pin.namespaces.get(namespace) ?? PUBLIC_REALM).catch(() => undefined);
  const document = await client.getWorkflow(reference.id, { signal, onRetry: retryTold(request) });
  const { version, digest, refusal, resolution } = chooseVersion(
    document,
    reference,
    ageLimitOf(request.policy, pin.origin, reference.id),
  );
  request.onEvent({ type: 'resolved', id: reference.id, version, digest });
  const key: ReceiptKey = { registry: registryIdOf(pin), id: reference.id, version };
  const got = await getVerified(request, { pin, key, digest, getNote });
  // The log has not said so, or it would have been refused by now; the registry's own word is enough to refuse.
  if (refusal !== undefined) throw refusal;
  return { ...got, resolution };
}

/** A workflow of the same name at another registry is another thing. */
function assertMeant({ reference, registryName, client }: FetchRequest): void {
  const { registry } = reference;
  if (registry === undefined || registry === registryName) return;
  const called = registryName === undefined ? '' : `, called ${quote(registryName)}`;
  throw new ClientError(
    'reference.registry_mismatch',
    `${formatReference(reference)} is of the registry ${registry}, and ${client.url}${called} was to be asked`,
    { hint: 'let createUpstreams locate it, and name what that finds: client and registryName' },
  );
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
    request.onEvent?.({ type: 'cache.dropped', what: dropped, error: error as ClientError });
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
  const { cache, client, trust, policy, onEvent, signal } = request;
  const options = { signal, onRetry: retryTold(request) };
  const { key, digest, pin } = target;
  const [receipt, current] = await Promise.all([
    cached.receipt ?? client.getReceipt(key.id, key.version, options),
    client.getStanding(key.id, key.version, options),
  ]);
  const { namespace } = splitWorkflowId(key.id);
  const realm = realmOf(receipt, pin, namespace) ?? PUBLIC_REALM;
  const standings = [current];
  const freshness = createFreshness(request, await target.getNote(realm), realm);
  let obtaining: Promise<ObtainedBlob> | undefined;
  let obtained: ObtainedBlob | undefined;
  const getBlob = async ({ blob: { sha256, size: sizeBytes } }: PublishLeaf) => {
    if (cached.blob !== undefined) return cached.blob;
    const blob = parseDigest(`sha256:${sha256}`);
    obtaining = obtainBlob({ client, cache, tar: digest, blob, sizeBytes, signal, onEvent });
    obtained = await obtaining;
    return obtained.bytes;
  };
  const expected = { id: key.id, version: key.version, digest };
  const onStep = stepTold(request);
  const input = { receipt, standings, expected, pin, freshness, policy, trust, cache, signal, onStep };
  try {
    const workflow = await verifyWorkflow({ ...input, blob: getBlob });
    await obtained?.keep();
    if (cached.receipt === undefined) await cache.putReceipt(key, receipt);
    return {
      workflow,
      fromCache: { receipt: cached.receipt !== undefined, blob: obtained?.fromCache ?? true },
    };
  } finally {
    // When the fetch is cancelled, the bundle may still be about to be left.
    await obtaining?.then(
      (got) => got.release(),
      () => undefined,
    );
  }
}

/** Steps as events of a fetch. */
function stepTold({ onEvent }: Pick<FetchRequest, 'onEvent'>): (step: VerificationStep) => void {
  return (step) => onEvent?.({ type: 'step', step });
}

function retryTold({ onEvent }: Pick<FetchRequest, 'onEvent'>): (notice: RetryNotice) => void {
  return (notice) => onEvent?.({ type: 'retry', notice });
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
  request.onEvent?.({ type: 'cache.dropped', what: 'receipt', error: undefined });
  return undefined;
}

/** Each log's newest note, asked for once. */
function rememberNotes(
  request: Pick<FetchRequest, 'client' | 'signal' | 'onEvent'>,
): (realm: string) => Promise<string> {
  const { client, signal } = request;
  const notes = new Map<string, Promise<string>>();
  return (realm) => {
    const note = notes.get(realm) ?? client.getCheckpoint({ realm, signal, onRetry: retryTold(request) });
    notes.set(realm, note);
    return note;
  };
}
