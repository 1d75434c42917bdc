import {
  closureOf,
  logKeyRulesOf,
  missingBlobs,
  openCache,
  verifyLocked,
  type Cache,
  type FetchEvent,
  type Lockfile,
  type LockedWorkflow,
  type Pin,
  type TrustPolicy,
  type TrustStore,
  type VerificationStep,
  type VerifiedWorkflow,
} from '@sheaf/client';
import { startClock, type Context } from '../frame/context.js';
import { CliError, codeOf } from '../frame/errors.js';
import { tellDropped } from '../registry/cache-talk.js';
import type { Fetched } from '../registry/fetch.js';
import { openFetchProgress } from '../registry/fetch-progress.js';
import { ensurePinned } from '../registry/first-contact.js';
import { explainOfflineLocked } from '../registry/offline.js';
import { policyFor, type PolicyOptions } from '../registry/policy.js';
import type { UseRegistry } from '../registry/session.js';
import { openTrust } from '../registry/open-trust.js';

export interface ClosureOptions extends PolicyOptions {
  /** Then nothing is asked of any network. */
  readonly offline: boolean;
  /** As of `FetchOptions`. */
  readonly typed?: string | undefined;
}

interface ClosureUse {
  readonly context: Context;
  readonly use: UseRegistry;
  /** Addresses of registries by origin, where the project knows them. */
  readonly urls: ReadonlyMap<string, string>;
}

/** A locked workflow that passed every check, and so did all that it depends on. */
export interface VerifiedClosure extends Fetched {
  readonly closure: ReadonlyMap<LockedWorkflow, VerifiedWorkflow>;
}

/**
 * Verifies a locked workflow and all that it depends on, from the lockfile and the cache.
 *
 * @throws ClientError `offline.missing`, `log.key_changed`, `lock.tampered`, or as `verifyLocked`; CliError
 *   `log.key_unpinned`; ClientError `log.origin_taken`
 */
export async function verifyClosure(
  { context, use, urls }: ClosureUse,
  lock: Lockfile,
  entry: LockedWorkflow,
  options: ClosureOptions,
): Promise<VerifiedClosure> {
  const elapsed = startClock(context);
  const trust = await openTrust(context);
  const cache = await openCache(context.paths.cache());
  const policy = await policyFor(context, options);
  const closure = [...closureOf(lock, [entry])];
  const verified = new Map<LockedWorkflow, VerifiedWorkflow>();
  const missing = await findMissing(cache, closure);
  if (options.offline && missing.length > 0) throw missingBlobs(missing);
  const steps = new Map<string, VerificationStep>();
  let first: Pick<Fetched, 'workflow' | 'pin'> | undefined;
  for (const one of closure) {
    const pin = options.offline
      ? await getPinOffline({ trust, urls }, policy.policy, one.registry)
      : await getPin({ context, use, urls }, trust, one.registry, options);
    const deps = { pin, policy, trust, cache, signal: context.signal };
    const onStep = one === entry ? (step: VerificationStep) => void steps.set(step.id, step) : undefined;
    const workflow = options.offline
      ? await verifyLocked(lock, one, { ...deps, onStep })
      : await use(pin.url, async ({ client }) => {
          const progress = openFetchProgress(context);
          try {
            const onProgress = progress.of(one.id);
            const onEvent = (event: FetchEvent): void => {
              onProgress(event);
              if (event.type === 'cache.dropped') tellDropped(context, event, one.id);
            };
            return await verifyLocked(lock, one, { ...deps, onStep, client, onEvent });
          } catch (error) {
            if (codeOf(error)?.startsWith('network.') !== true) throw error;
            throw explainOfflineLocked(error as Error, missing, options.typed);
          } finally {
            progress.close();
          }
        });
    verified.set(one, workflow);
    first ??= { workflow, pin };
  }
  if (first === undefined) throw new TypeError('a closure holds its root');
  return {
    ...first,
    closure: verified,
    resolution: undefined,
    fromCache: { receipt: true, blob: !missing.includes(entry) },
    steps: [...steps.values()],
    durationMs: elapsed(),
  };
}

async function findMissing(
  cache: Cache,
  entries: readonly LockedWorkflow[],
): Promise<readonly LockedWorkflow[]> {
  const found = await Promise.all(entries.map(({ blob }) => cache.findBlob(blob)));
  return entries.filter((_, i) => found[i] === undefined);
}

/** The pin of a lockfile's registry, made at the first contact if need be. */
export async function getPin(
  { context, use, urls }: ClosureUse,
  trust: TrustStore,
  origin: string,
  options: { readonly yes: boolean },
): Promise<Pin> {
  const url = urls.get(origin);
  const known = await trust.findPinByOrigin(origin, { url });
  if (known !== undefined) return known;
  if (url === undefined) throw unpinned(origin);
  const pin = await use(url, (session) => ensurePinned(context, session, options));
  if (pin.origin !== origin) throw unpinned(origin);
  return pin;
}

/** Offline, a policy file may vouch for the key as well: it was written by somebody of this machine. */
async function getPinOffline(
  { trust, urls }: Pick<ClosureUse, 'urls'> & { readonly trust: TrustStore },
  policy: TrustPolicy,
  origin: string,
): Promise<Pin> {
  const rules = logKeyRulesOf(policy, origin);
  const logKeys = rules.flatMap(({ logKey }) => logKey ?? []);
  const known = await trust.findPinByOrigin(origin, { url: urls.get(origin), logKeys });
  if (known !== undefined) return known;
  const [rule] = rules;
  if (rule?.logKey === undefined) throw unpinned(origin);
  return {
    url: `https://${origin}`,
    origin,
    logKey: rule.logKey,
    pinnedAt: `${rule.place.file}:${rule.place.line}`,
    realms: new Map(),
    namespaces: new Map(),
  };
}

function unpinned(origin: string): CliError {
  return new CliError(
    'log.key_unpinned',
    `the log key of ${origin} has not been accepted here: a lockfile cannot vouch for it`,
    { hint: 'compare it with what the operator publishes, then run sheaf login URL --log-key KEY' },
  );
}
