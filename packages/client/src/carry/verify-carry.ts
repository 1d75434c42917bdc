import type { CarryFile } from '@sheaf/bundle';
import { parseWorkflowId } from '@sheaf/workflow';
import type { Cache } from '../cache.js';
import { ClientError, type VerificationStep } from '../errors.js';
import { assertLogIdentity, type Pin } from '../pin.js';
import type { PolicyContext } from '../policy/gate.js';
import { logKeyRulesOf } from '../policy/rules.js';
import { pinLogKey } from '../remedy.js';
import type { TrustStore, VerifyingTrust } from '../trust-store.js';
import type { VerifiedWorkflow } from '../verification-types.js';
import { verifyWorkflow } from '../verify.js';
import { claimedStatement } from './signed-workflow.js';

/** What verifying a carry file takes. */
export interface VerifyCarryRequest {
  readonly carry: CarryFile;
  readonly trust: Pick<TrustStore, 'findPinByOrigin'> & VerifyingTrust;
  /** As for `verifyWorkflow`. */
  readonly cache?: Pick<Cache, 'findStandings'> | undefined;
  readonly policy: PolicyContext;
  readonly signal?: AbortSignal | undefined;
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
}

/** A workflow from a carry file, verified, and by which pin. */
export interface VerifiedCarry {
  readonly workflow: VerifiedWorkflow;
  readonly pin: Pin;
}

/**
 * Verifies a carry file with no connection: its receipt against the log key that is pinned, or named by the policy of
 * this machine, for the registry that its author signed for, then all that `verifyWorkflow` checks. What was proven of the release before counts as well. That the log did not go back or fork since nothing here
 * can show.
 *
 * @throws ClientError `carry.unpublished` for a file without a receipt, `log.key_unpinned`, `log.origin_taken`, or as `verifyWorkflow`
 */
export async function verifyCarry(request: VerifyCarryRequest): Promise<VerifiedCarry> {
  const { carry, trust, cache, policy, signal, onStep } = request;
  const { receipt, standing } = carry;
  if (receipt === undefined) {
    throw new ClientError('carry.unpublished', 'the file holds no receipt, so no log vouches for it', {
      hint: 'sheaf publish FILE.sheaf; once it is published: sheaf fetch REF -o FILE.sheaf',
    });
  }
  // Not verified yet: it only says which pin to verify with, and that must then be the pin of what it says.
  const statement = claimedStatement(carry);
  const pin = await findPin(request, statement.registry);
  const id = parseWorkflowId(`${statement.namespace}/${statement.name}`);
  const workflow = await verifyWorkflow({
    receipt,
    standings: standing === undefined ? [] : [standing],
    expected: { id, version: statement.version },
    pin,
    policy,
    trust,
    cache,
    blob: () => Promise.resolve(carry.blob),
    signal,
    onStep,
  });
  return { workflow, pin };
}

/** What is pinned for a registry, else the log key that the policy of this machine or its user names for it. */
async function findPin({ trust, policy, signal }: VerifyCarryRequest, origin: string): Promise<Pin> {
  const logKeys = logKeyRulesOf(policy.policy, origin).flatMap(({ logKey }) => logKey ?? []);
  const pin = await trust.findPinByOrigin(origin, { logKeys, signal });
  if (pin !== undefined) return pin;
  const [logKey] = logKeys;
  if (logKey !== undefined) {
    assertLogIdentity({ origin, logKey });
    const pinnedAt = new Date(policy.nowMs()).toISOString();
    return { url: `https://${origin}`, origin, logKey, pinnedAt, realms: new Map(), namespaces: new Map() };
  }
  const remedy = pinLogKey();
  throw new ClientError('log.key_unpinned', `no log key is known here for ${origin}`, {
    hint: `compare it with what the operator publishes, then name it in a [[registry]] of trust.toml, or ${remedy.text}`,
    remedy,
  });
}
