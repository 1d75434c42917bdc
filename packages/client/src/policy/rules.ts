import type { KeyId } from '@sheaf/bundle';
import { matchesGlob, specificityOf } from './glob.js';
import { meetsOidc } from './signer-identity.js';
import type { PolicyPlace, PublisherRule, RegistryRule, SignerFacts, TrustPolicy } from './trust-policy.js';

/** A publisher, as rules name it. */
export interface Publisher {
  /** The registry's origin. */
  readonly origin: string;
  readonly namespace: string;
}

/** The rules that speak of a publisher, each kind with its own force. */
export interface MatchingRules {
  /** Of any layer: one is enough to refuse. */
  readonly denying: readonly PublisherRule[];
  /** Of machine and user, those that name the publisher closest: one of them has to be met. */
  readonly allowing: readonly PublisherRule[];
  /** Of the project, those that name the publisher closest: one of them has to be met as well. */
  readonly restricting: readonly PublisherRule[];
}

/** The rules of a policy that speak of a publisher. */
export function findRules(policy: TrustPolicy, publisher: Publisher): MatchingRules {
  const matching = policy.publishers.filter(
    (rule) =>
      (rule.registry === undefined || rule.registry === publisher.origin) &&
      matchesGlob(rule.namespace, publisher.namespace),
  );
  const granting = matching.filter(({ deny }) => !deny);
  return {
    denying: matching.filter(({ deny }) => deny),
    allowing: closest(granting.filter(({ layer }) => layer !== 'project')),
    restricting: closest(granting.filter(({ layer }) => layer === 'project')),
  };
}

/** Those with the longest pattern; of equally long ones, those for one registry before those for any. */
function closest(rules: readonly PublisherRule[]): readonly PublisherRule[] {
  const rank = ({ namespace, registry }: PublisherRule) =>
    2 * specificityOf(namespace) + (registry === undefined ? 0 : 1);
  const best = Math.max(...rules.map(rank));
  return rules.filter((rule) => rank(rule) === best);
}

/** Whether enough of the signers are who a rule names, each counted once however it is named. */
export function isMet({ keys, oidc, threshold }: PublisherRule, signers: readonly SignerFacts[]): boolean {
  const named = signers.filter(
    ({ keyid, identity }) =>
      keys.includes(keyid) || (oidc !== undefined && identity !== undefined && meetsOidc(oidc, identity)),
  );
  return new Set(named.map(({ keyid }) => keyid)).size >= threshold;
}

/** How many of these distinct keys are among the signers. */
export function countCommon(keys: readonly KeyId[], signers: readonly KeyId[]): number {
  const signed = new Set(signers);
  return new Set(keys.filter((key) => signed.has(key))).size;
}

/**
 * How old a release of a publisher must be: what the closest rules that say so demand, else the general age; never
 * less than a project asks for.
 */
export function minReleaseAgeOf(policy: TrustPolicy, publisher: Publisher): number {
  const { allowing, restricting } = findRules(policy, publisher);
  const ages = (rules: readonly PublisherRule[]) =>
    rules.flatMap(({ minReleaseAgeMs }) => minReleaseAgeMs ?? []);
  const own = ages(allowing);
  const general = policy.minReleaseAgeMs;
  const floor = Math.max(policy.projectMinReleaseAgeMs, ...ages(restricting));
  return Math.max(own.length === 0 ? general : Math.max(...own), floor);
}

/** The strictest `max_age` for a registry's checkpoints, and where it is written. */
export function maxAgeOf(
  policy: TrustPolicy,
  origin: string,
): { readonly maxAgeMs: number; readonly place: PolicyPlace } | undefined {
  let strictest: { readonly maxAgeMs: number; readonly place: PolicyPlace } | undefined;
  for (const { origin: named, maxAgeMs, place } of policy.registries) {
    if (named !== origin || maxAgeMs === undefined) continue;
    if (strictest === undefined || maxAgeMs < strictest.maxAgeMs) strictest = { maxAgeMs, place };
  }
  return strictest;
}

/** The rules that name a registry's log key; a project's name none that counts. */
export function logKeyRulesOf(policy: TrustPolicy | undefined, origin: string): readonly RegistryRule[] {
  return (policy?.registries ?? []).filter(
    (rule) => rule.origin === origin && rule.logKey !== undefined && rule.layer !== 'project',
  );
}
