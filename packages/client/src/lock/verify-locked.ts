import { hexOfDigest, sha256Hex, type Digest } from '@sheaf/bundle';
import type { Cache } from '../cache.js';
import { damagedBlob } from '../cache/damaged-blob.js';
import { observer } from '../callbacks.js';
import { openSeen } from '../consistency.js';
import { obtainBlob } from '../downloads/obtain-blob.js';
import { ClientError, type VerificationStep } from '../errors.js';
import type { DownloadEvent } from '../fetch-event.js';
import { createFreshness } from '../freshness.js';
import { logOriginOf, logVerifierFor, registryIdOf, type Pin } from '../pin.js';
import type { PolicyContext } from '../policy/policy-context.js';
import type { RegistryClient } from '../registry-client.js';
import { fetchOnline } from '../remedy.js';
import type { TrustStore, VerifyingTrust } from '../trust-store.js';
import type { Freshness, VerifiedWorkflow } from '../verification-types.js';
import { verifyWorkflow } from '../verify.js';
import type { LockedRegistry, LockedWorkflow, Lockfile } from './lockfile.js';
import { lockedRealm, tampered } from './prove.js';
import { assertDependencies } from './prove-dependencies.js';
import { findDifference, readProvenFields } from './proven-fields.js';

/** Whom to believe, and where bundles are kept and come from. */
export interface VerifyLockedDeps {
  /** What somebody here accepted of the entry's registry: the lockfile's own word for it is not enough. */
  readonly pin: Pin;
  readonly policy: PolicyContext;
  readonly trust: VerifyingTrust & Pick<TrustStore, 'advance' | 'noteRealm' | 'getPin'>;
  readonly cache: Pick<Cache, 'findBlob' | 'claimBlob' | 'putBlob' | 'dropBlob' | 'findStandings'> &
    Partial<Pick<Cache, 'putReceipt'>>;
  /** The entry's registry, for what is not in the cache and for what happened since. Left out offline. */
  readonly client?:
    | Pick<
        RegistryClient,
        'url' | 'getBlob' | 'getCheckpoint' | 'getStanding' | 'getTile' | 'getNamespaceKeys'
      >
    | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what happens while the bundle is obtained. */
  readonly onEvent?: ((event: DownloadEvent) => void) | undefined;
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
}

/**
 * Verifies a locked workflow again, every step, from the entry's own receipt and standings, what was proven of it here before, and
 * the bytes from the cache. With a registry, what the log says of the release by now counts too; without one, no network is used at all.
 *
 * @param lock one that `proveLockfile` has passed
 * @throws ClientError `lock.tampered`, `log.key_changed`, `log.rollback`, `offline.missing`, or as `verifyWorkflow`
 */
export async function verifyLocked(
  lock: Lockfile,
  entry: LockedWorkflow,
  deps: VerifyLockedDeps,
): Promise<VerifiedWorkflow> {
  const { pin, policy, trust, cache, signal, onStep } = deps;
  const registry = findRegistry(lock, entry);
  assertPinned(registry, pin);
  const proven = readProvenFields(entry.receipt, entry.standings);
  const different = proven === undefined ? 'receipt' : findDifference(entry, proven);
  if (different !== undefined)
    throw tampered(`${different} of ${entry.id} ${entry.version} is not what its receipt proves`);
  const current = await askRegistry(entry, registry, deps);
  /** When it is new, its receipt belongs into the cache as well: a bundle without one has no name there. */
  const bundle: { isNew: boolean; got?: Promise<Uint8Array> } = { isNew: false };
  const workflow = await verifyWorkflow({
    receipt: entry.receipt,
    // The lockfile's own checkpoint is one more that the log must extend.
    standings: [...current.standings, ...entry.standings, { events: [], checkpoint: registry.checkpoint }],
    expected: { id: entry.id, version: entry.version, digest: entry.tar },
    pin,
    freshness: current.freshness,
    policy,
    trust,
    cache,
    blob: () =>
      (bundle.got = getBlob(entry, deps, () => {
        bundle.isNew = true;
      })),
    signal,
    onStep,
  }).finally(() => bundle.got?.catch(() => undefined));
  assertDependencies(entry, workflow.bundle.definition);
  if (bundle.isNew) {
    const { id, version, receipt } = entry;
    await cache.putReceipt?.({ registry: registryIdOf(pin), id, version }, receipt);
  }
  return workflow;
}

/** The log of an entry. @throws ClientError `lock.tampered` */
export function findRegistry(lock: Lockfile, entry: LockedWorkflow): LockedRegistry {
  const realm = lockedRealm(entry);
  const found = lock.registries.find((one) => one.origin === entry.registry && one.realm === realm);
  if (found === undefined)
    throw tampered(`registry of ${entry.id} ${entry.version} is not among the registries of the file`);
  return found;
}

function assertPinned(registry: LockedRegistry, pin: Pin): void {
  if (registry.origin === pin.origin && registry.logKey === pin.logKey) return;
  throw new ClientError(
    'log.key_changed',
    `sheaf.lock has another log key for ${registry.origin} than the one accepted on ${pin.pinnedAt}`,
    {
      hint: `accepted ${pin.logKey}, locked ${registry.logKey}: ask the operator which is right; if the accepted one is, remove sheaf.lock and run sheaf lock`,
    },
  );
}

interface Current {
  readonly standings: readonly LockedWorkflow['standings'][number][];
  readonly freshness: Freshness | undefined;
}

async function askRegistry(
  entry: LockedWorkflow,
  registry: LockedRegistry,
  { client, trust, signal, pin }: VerifyLockedDeps,
): Promise<Current> {
  if (client === undefined) return { standings: [], freshness: undefined };
  const { realm } = registry;
  const [standing, note] = await Promise.all([
    client.getStanding(entry.id, entry.version, { signal }),
    client.getCheckpoint({ realm, signal }),
  ]);
  const log = { origin: logOriginOf(pin.origin, realm), verifier: logVerifierFor(pin, realm) };
  const locked = openSeen(registry.checkpoint, log);
  const latest = openSeen(note, log);
  if (latest.size < locked.size) {
    throw new ClientError(
      'log.rollback',
      `the log of ${registry.origin} shows ${latest.size} entries, but sheaf.lock has seen ${locked.size}: its history was cut or replaced`,
      { hint: 'stop using this registry, and send sheaf.lock to its operator and to a witness of its log' },
    );
  }
  return { standings: [standing], freshness: createFreshness({ client, trust, signal }, note, realm) };
}

async function getBlob(
  entry: LockedWorkflow,
  deps: VerifyLockedDeps,
  onObtained: () => void,
): Promise<Uint8Array> {
  const { client, cache, signal, onEvent } = deps;
  const cached = await cache.findBlob(entry.blob);
  if (cached !== undefined && isWhole(cached, entry.blob)) return cached;
  if (client === undefined) throw cached === undefined ? missingBlobs([entry]) : damagedBlob(entry.blob);
  onObtained();
  if (cached !== undefined) {
    await cache.dropBlob(entry.blob);
    observer('onEvent', onEvent)({ type: 'cache.dropped', what: 'blob', error: undefined });
  }
  const { tar, blob, blobSizeBytes: sizeBytes } = entry;
  const obtained = await obtainBlob({ client, cache, tar, blob, sizeBytes, signal, onEvent });
  try {
    if (isWhole(obtained.bytes, blob)) await obtained.keep();
    return obtained.bytes;
  } finally {
    await obtained.release();
  }
}

function isWhole(blob: Uint8Array, digest: Digest): boolean {
  return sha256Hex(blob) === hexOfDigest(digest);
}

/** The error when bundles are needed without a connection that are not in the cache. */
export function missingBlobs(entries: readonly LockedWorkflow[]): ClientError {
  const shown = entries
    .slice(0, 5)
    .map(({ id, version, blob }) => `${id} ${version} (blob ${blob})`)
    .join(', ');
  const others = entries.length > 5 ? ` and ${entries.length - 5} more` : '';
  const remedy = fetchOnline(entries.map(({ id, version }) => `${id}@${version}`));
  return new ClientError(
    'offline.missing',
    `not in the cache, and without a connection not to be had: ${shown}${others}`,
    { hint: `${remedy.text} once with a connection`, remedy },
  );
}
