import type { KeyId } from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { askGiven } from '../callbacks.js';
import { ClientError } from '../errors.js';
import { registryIdOf } from '../pin.js';
import type { Checked } from '../verification-steps.js';
import type { VerifiedReceipt, VerifyWorkflowInput } from '../verification-types.js';
import { decide, demandOf, trustCommand, type ReleaseFacts } from './decide.js';
import { formatDurationMs } from './duration.js';
import { findEndorsed } from './endorsement.js';
import type { PolicyContext, PolicyDecision } from './policy-context.js';
import { minReleaseAgeOf } from './rules.js';
import type { AcceptedPublisher, TrustPolicy } from './trust-policy.js';

export type { PolicyContext, PolicyDecision } from './policy-context.js';

/**
 * Step `policy`: whether somebody here trusts who signed, and allows the state and the age of the release. Asks at the
 * first use of a publisher and keeps the answer.
 *
 * @throws ClientError `publisher.not_allowed`, `publisher.not_accepted`, `signer.changed`, `signer.downgraded`,
 *   `key.recovery`, `release.too_young`, `state.quarantined`, `state.yanked`
 */
export async function applyPolicy(
  input: Pick<VerifyWorkflowInput, 'pin' | 'policy' | 'trust' | 'freshness' | 'signal'>,
  verified: VerifiedReceipt,
): Promise<Checked<PolicyDecision>> {
  const { policy: context, pin, trust, signal } = input;
  const { policy } = context;
  const { namespace } = splitWorkflowId(verified.id);
  const registry = registryIdOf(pin);
  const accepted =
    policy.mode === 'tofu' ? await trust.findAccepted(registry, namespace, { signal }) : undefined;
  const facts: ReleaseFacts = {
    origin: pin.origin,
    namespace,
    id: verified.id,
    version: verified.version,
    signers: verified.signerFacts,
    standing: verified.standing,
    publishedAtMs: verified.leaf.t * 1000,
    accepted,
    endorsed: await findEndorsed(input, verified, accepted),
  };
  const verdict = decide(policy, facts, {
    nowMs: context.nowMs(),
    allowYoung: mayBeYoung(context, verified.id, verified.version),
  });
  if (verdict.verdict === 'refuse')
    throw new ClientError(verdict.code, verdict.message, { hint: verdict.hint, remedy: verdict.remedy });
  const decision = verdict.verdict === 'allow' ? verdict.grant : await ask(input, facts, registry);
  // Another process asked at the same time: what was accepted there counts here, for these signers or against them.
  if (decision === 'taken') return applyPolicy(input, verified);
  if (decision.kind === 'endorsed') await extend(input, facts, decision.accepted);
  return { value: decision, detail: describe(decision, policy, facts) };
}

/** Whether a release may be younger than the policy asks for. */
export function mayBeYoung(
  { allowYoung = false }: Pick<PolicyContext, 'allowYoung'>,
  id: string,
  version: string,
): boolean {
  return typeof allowYoung === 'boolean' ? allowYoung : allowYoung.has(`${id}@${version}`);
}

async function ask(
  {
    policy: { askPublisher, nowMs },
    trust,
    signal,
  }: Pick<VerifyWorkflowInput, 'policy' | 'trust' | 'signal'>,
  facts: ReleaseFacts,
  registry: string,
): Promise<PolicyDecision | 'taken'> {
  const { origin, namespace, id, version, signers } = facts;
  const question = { origin, namespace, id, version, signers };
  const answer =
    askPublisher !== undefined &&
    (await askGiven('askPublisher', [signal], (own) => askPublisher(question, { signal: own })));
  const isRecovery = signers.some(({ recovered }) => recovered);
  // Programs in JavaScript may answer anything: what is no yes is a no.
  if (answer !== true && (answer !== 'flag' || isRecovery)) throw notAccepted(facts, isRecovery);
  const accepted: AcceptedPublisher = {
    registry,
    origin,
    namespace,
    keys: signers.map(({ keyid }) => keyid),
    threshold: signers.length,
    acceptedAt: new Date(nowMs()).toISOString(),
    how: answer === 'flag' ? 'flag' : 'asked',
  };
  return (await trust.accept(accepted)) ? { kind: 'first-use', accepted } : 'taken';
}

function notAccepted(facts: ReleaseFacts, isRecovery: boolean): ClientError {
  const { id, version, namespace, origin, signers } = facts;
  const keys = signers.map(({ keyid }) => keyid);
  const command = trustCommand(facts, keys, { threshold: keys.length });
  if (isRecovery) {
    return new ClientError(
      'key.recovery',
      `${id} ${version} is signed by a key that was added by recovery: no earlier key of ${namespace} vouches for it`,
      { hint: `ask ${namespace} another way whether the key is theirs, then ${command}` },
    );
  }
  return new ClientError(
    'publisher.not_accepted',
    `nobody here has accepted ${namespace} at ${origin} yet, whose ${keys.length === 1 ? 'key' : 'keys'} ${keys.join(' and ')} signed ${id} ${version}`,
    { hint: `compare with what ${namespace} publishes, then ${command}` },
  );
}

/** Accepted keys vouch for the new ones in the log, and the policy lets that do. */
async function extend(
  { policy, trust }: Pick<VerifyWorkflowInput, 'policy' | 'trust'>,
  facts: ReleaseFacts,
  accepted: AcceptedPublisher,
): Promise<void> {
  const fresh = facts.signers.map(({ keyid }) => keyid).filter((key) => facts.endorsed.has(key));
  const keys: readonly KeyId[] = [...new Set([...accepted.keys, ...fresh])];
  const acceptedAt = new Date(policy.nowMs()).toISOString();
  await trust.accept({ ...accepted, keys, acceptedAt, how: 'endorsed' }, { replace: true });
}

function describe(decision: PolicyDecision, policy: TrustPolicy, facts: ReleaseFacts): string {
  const minMs = minReleaseAgeOf(policy, facts);
  const age = minMs === 0 ? '' : ` · at least ${formatDurationMs(minMs)} old`;
  return `${facts.namespace}: ${describeGrant(decision)}${age}`;
}

function describeGrant(decision: PolicyDecision): string {
  if (decision.kind === 'rule') {
    const { place } = decision.rule;
    return `${demandOf(decision.rule)} by ${place.file}:${place.line}`;
  }
  const { acceptedAt, keys } = decision.accepted;
  const named = keys.map((key) => `${key.slice(0, 4)}…${key.slice(-4)}`).join(', ');
  if (decision.kind === 'first-use') return `accepted now, at its first use (${named})`;
  const since = `accepted on ${acceptedAt.slice(0, 10)} (${named})`;
  return decision.kind === 'accepted' ? since : `${since}, which vouch for the new key`;
}
