import type { KeyId, ReleaseStanding } from '@sheaf/bundle';
import { printable } from '@sheaf/workflow';
import type { ClientErrorCode } from '../errors.js';
import { formatDay, formatTimeMs } from '../times.js';
import { formatDurationMs } from './duration.js';
import { describeIdentity } from './signer-identity.js';
import { countCommon, findRules, isMet, minReleaseAgeOf } from './rules.js';
import type { AcceptedPublisher, PublisherRule, SignerFacts, TrustPolicy } from './trust-policy.js';
import { takeYoung, type Remedy } from '../remedy.js';

/** A release whose log, signatures and standing are verified. */
export interface ReleaseFacts {
  readonly origin: string;
  readonly namespace: string;
  /** `namespace/name`. */
  readonly id: string;
  readonly version: string;
  readonly signers: readonly SignerFacts[];
  readonly standing: Pick<ReleaseStanding, 'state' | 'reason' | 'replacement' | 'stateIndex'>;
  /** By the time in its leaf. */
  readonly publishedAtMs: number;
  /** What was accepted of the publisher at its first use. */
  readonly accepted: AcceptedPublisher | undefined;
  /** Keys that accepted keys vouch for in the log. */
  readonly endorsed: ReadonlySet<KeyId>;
}

/** What let a release pass. */
export type Grant =
  | { readonly kind: 'rule'; readonly rule: PublisherRule }
  | { readonly kind: 'accepted'; readonly accepted: AcceptedPublisher }
  | { readonly kind: 'endorsed'; readonly accepted: AcceptedPublisher };

/** Why a release may not be used. */
export interface Refusal {
  readonly verdict: 'refuse';
  readonly code: ClientErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly remedy?: Remedy;
}

/** The outcome for one release: `ask` only for a publisher that is used for the first time. */
export type Verdict =
  { readonly verdict: 'allow'; readonly grant: Grant } | { readonly verdict: 'ask' } | Refusal;

/**
 * Decides whether a release may be used: first by who signed it, then by its state, then by its age. Pure.
 *
 * @param options.allowYoung the release may be younger than the policy asks for
 */
export function decide(
  policy: TrustPolicy,
  facts: ReleaseFacts,
  options: { readonly nowMs: number; readonly allowYoung: boolean },
): Verdict {
  const publisher = decidePublisher(policy, facts);
  if (publisher.verdict === 'refuse') return publisher;
  return refuseState(policy, facts) ?? refuseAge(policy, facts, options) ?? publisher;
}

function decidePublisher(policy: TrustPolicy, facts: ReleaseFacts): Verdict {
  const { denying, allowing, restricting } = findRules(policy, facts);
  const signers = facts.signers.map(({ keyid }) => keyid);
  const [deny] = denying;
  if (deny !== undefined) {
    return notAllowed(
      `${facts.namespace} is denied by ${placeOf(deny)}`,
      'change the rule there, or use another publisher',
    );
  }
  if (policy.mode === 'deny') {
    return notAllowed(
      `nothing that others published may be used: the mode is deny (${policy.modeFrom})`,
      `change the mode in ${policy.modeFrom}`,
    );
  }
  if (restricting.length > 0 && !restricting.some((rule) => isMet(rule, facts.signers))) {
    return refuseByRule(facts, restricting);
  }
  if (allowing.length > 0) {
    const rule = allowing.find((each) => isMet(each, facts.signers));
    return rule === undefined
      ? refuseByRule(facts, allowing)
      : { verdict: 'allow', grant: { kind: 'rule', rule } };
  }
  if (policy.mode === 'allowlist') {
    return notAllowed(
      `no rule allows ${facts.namespace} at ${facts.origin} (mode allowlist: ${policy.modeFrom})`,
      trustCommand(facts, signers, { threshold: signers.length }),
    );
  }
  return decideFirstUse(policy, facts);
}

/** Trust on first use: what was accepted then is asked of everything after. */
function decideFirstUse({ onSignerChange }: TrustPolicy, facts: ReleaseFacts): Verdict {
  const { accepted, endorsed } = facts;
  const signers = facts.signers.map(({ keyid }) => keyid);
  if (accepted === undefined) return { verdict: 'ask' };
  const known = countCommon(accepted.keys, signers);
  if (known >= accepted.threshold) return { verdict: 'allow', grant: { kind: 'accepted', accepted } };
  const vouched = signers.filter((key) => accepted.keys.includes(key) || endorsed.has(key));
  if (onSignerChange === 'endorsed' && new Set(vouched).size >= accepted.threshold)
    return { verdict: 'allow', grant: { kind: 'endorsed', accepted } };
  return refuseChange(facts, accepted, known);
}

function refuseChange(facts: ReleaseFacts, accepted: AcceptedPublisher, known: number): Refusal {
  const signers = facts.signers.map(({ keyid }) => keyid);
  const strangers = facts.signers.filter(({ keyid }) => !accepted.keys.includes(keyid));
  const what = `${facts.id} ${facts.version}`;
  const since = accepted.acceptedAt.slice(0, 10);
  if (strangers.length === 0) {
    return {
      verdict: 'refuse',
      code: 'signer.downgraded',
      message: `${what} is signed by ${count(known, 'key')}, and ${facts.namespace} was accepted on ${since} with ${accepted.threshold}`,
      hint: `ask ${facts.namespace} another way why fewer sign; then ${trustCommand(facts, accepted.keys, { threshold: signers.length, isLower: true })}`,
    };
  }
  const isRecovery = strangers.some(({ recovered }) => recovered);
  const threshold = Math.min(accepted.threshold, signers.length);
  const got = strangers.map(describeSigner).join(', ');
  return {
    verdict: 'refuse',
    code: isRecovery ? 'key.recovery' : 'signer.changed',
    message: `${what} is signed by a key that was not accepted: accepted ${accepted.keys.map(shortKey).join(', ')} on ${since}, got ${got}`,
    hint: `a planned change or a takeover: ask ${facts.namespace} another way, then ${trustCommand(facts, signers, { threshold, isLower: threshold < accepted.threshold })}`,
  };
}

/** Said of the rules of one layer group: those that allow, or those of a project. */
function refuseByRule(facts: ReleaseFacts, rules: readonly PublisherRule[]): Refusal {
  const signers = facts.signers.map(({ keyid }) => keyid);
  const demands = rules.map((rule) => `${demandOf(rule)} (${placeOf(rule)})`).join(' or ');
  const [closest] = rules;
  const threshold = closest?.threshold ?? 1;
  const another = `ask ${facts.namespace} another way whether the key is theirs, then`;
  const hint =
    closest?.layer === 'project'
      ? `${another} change the rule of the project, which stands beside your own`
      : signers.length < threshold
        ? `ask ${facts.namespace} another way why fewer sign than the rule demands, or change the rule`
        : `${another} ${trustCommand(facts, signers, { threshold })}`;
  return notAllowed(
    `${facts.id} ${facts.version} is signed by ${facts.signers.map(describeSigner).join(', ')}, and not by ${demands}`,
    hint,
  );
}

function refuseState(
  { onYanked }: TrustPolicy,
  { id, version, standing }: ReleaseFacts,
): Refusal | undefined {
  const { state, reason, replacement, stateIndex } = standing;
  if (state !== 'quarantined' && (state !== 'yanked' || onYanked !== 'error')) return undefined;
  const why = reason === undefined ? '' : `: ${printable(reason, 500)}`;
  const by = stateIndex === undefined ? '' : ` at log #${stateIndex}`;
  return {
    verdict: 'refuse',
    code: state === 'quarantined' ? 'state.quarantined' : 'state.yanked',
    message: `${id} ${version} is ${state}${by}${why}`,
    hint:
      replacement === undefined
        ? `sheaf info ${id}  lists the versions that are offered`
        : `use ${printable(replacement, 200)} instead`,
  };
}

function refuseAge(
  policy: TrustPolicy,
  facts: ReleaseFacts,
  { nowMs, allowYoung }: { readonly nowMs: number; readonly allowYoung: boolean },
): Refusal | undefined {
  const minMs = minReleaseAgeOf(policy, facts);
  const heldUntilMs = facts.publishedAtMs + minMs;
  if (minMs === 0 || allowYoung || nowMs >= heldUntilMs) return undefined;
  const until = formatTimeMs(heldUntilMs);
  const remedy = takeYoung(`${facts.id}@${facts.version}`);
  return {
    verdict: 'refuse',
    code: 'release.too_young',
    message: `${facts.id} ${facts.version} is held until ${until} (min_release_age ${formatDurationMs(minMs)})`,
    hint: `wait, name an older version, or take this one once with ${remedy.text}`,
    remedy,
  };
}

function notAllowed(message: string, hint: string): Refusal {
  return { verdict: 'refuse', code: 'publisher.not_allowed', message, hint };
}

/**
 * The command that makes a rule by which these signers pass, at their registry: elsewhere the name may be somebody
 * else's.
 */
export function trustCommand(
  { namespace, origin }: Pick<ReleaseFacts, 'namespace' | 'origin'>,
  keys: readonly KeyId[],
  rule: { readonly threshold: number; readonly isLower?: boolean },
): string {
  const listed = keys.map((key) => ` --key ${key}`).join('');
  const threshold = rule.threshold === 1 && rule.isLower !== true ? '' : ` --threshold ${rule.threshold}`;
  return `sheaf trust add ${namespace}${listed}${threshold} --registry ${origin}`;
}

/** What a rule asks for, in a few words: `1 of 2 keys`, `jobs of https://…`. */
export function demandOf({
  threshold,
  keys,
  oidc,
}: Pick<PublisherRule, 'threshold' | 'keys' | 'oidc'>): string {
  if (oidc === undefined) return `${threshold} of ${count(keys.length, 'key')}`;
  const whose =
    oidc.anyJob === true ? `any job of ${oidc.issuer}, of strangers as well,` : `a job of ${oidc.issuer}`;
  const job = `${whose} with ${oidc.claims.map(([name, value]) => `${name} ${value}`).join(', ')}`;
  return keys.length === 0 ? job : `${threshold} of ${count(keys.length, 'key')} and ${job}`;
}

function describeSigner({ keyid, identity, addedIndex, addedAtSeconds, recovered }: SignerFacts): string {
  if (identity !== undefined) return `${shortKey(keyid)} (${printable(describeIdentity(identity), 500)})`;
  return `${shortKey(keyid)} (added ${formatDay(addedAtSeconds)} at #${addedIndex}${recovered ? ' by recovery' : ''})`;
}

function placeOf({ place }: PublisherRule): string {
  return `${place.file}:${place.line}`;
}

function shortKey(id: string): string {
  return `${id.slice(0, 4)}…${id.slice(-4)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
