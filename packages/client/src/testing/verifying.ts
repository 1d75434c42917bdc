import { expect } from 'vitest';
import type { ClientErrorCode, VerificationStep, VerificationStepId } from '../errors.js';
import { PUBLIC_REALM, type Pin } from '../pin.js';
import { combinePolicies } from '../policy/combine-policies.js';
import type { PolicyContext } from '../policy/policy-context.js';
import type { AcceptedPublisher, TrustPolicy } from '../policy/trust-policy.js';
import type { VerifyingTrust } from '../trust-store.js';
import { isVerificationCode } from '../verification-codes.js';
import type { Freshness, VerifyWorkflowInput } from '../verification-types.js';
import { verifyWorkflow } from '../verify.js';
import { failure } from './failure.js';
import { memoryFacts } from './memory-facts.js';
import type { Published, TestRegistry } from './test-registry.js';

/** Somewhat after everything that the test registry publishes. */
export const NOW_MS = 1_800_000_000_000 + 3_600_000;

/** A policy that asks at the first use, with changes. */
export function policyWith(changes: Partial<TrustPolicy> = {}): TrustPolicy {
  return { ...combinePolicies({}, { ci: false }), ...changes };
}

/** Somebody who says yes to every publisher at its first use. */
export function trusting(changes: Partial<PolicyContext> = {}): PolicyContext {
  return {
    policy: policyWith(),
    askPublisher: () => Promise.resolve(true),
    nowMs: () => NOW_MS,
    ...changes,
  };
}

/** The part of a trust store that verification uses, in memory. */
export function memoryTrust(
  ...known: readonly AcceptedPublisher[]
): VerifyingTrust & { readonly kept: Map<string, AcceptedPublisher> } {
  const keyOf = (registry: string, namespace: string) => `${registry} ${namespace}`;
  const kept = new Map(known.map((each) => [keyOf(each.registry, each.namespace), each]));
  return {
    ...memoryFacts(),
    kept,
    findAccepted: (registry, namespace) => Promise.resolve(kept.get(keyOf(registry, namespace))),
    accept: (accepted, { replace = false } = {}) => {
      const key = keyOf(accepted.registry, accepted.namespace);
      if (kept.has(key) && !replace) return Promise.resolve(false);
      kept.set(key, accepted);
      return Promise.resolve(true);
    },
  };
}

/** An honest request for what was published: tests change one thing of it. */
export function requestFor(
  registry: TestRegistry,
  published: Published,
  changes: Partial<VerifyWorkflowInput> = {},
): VerifyWorkflowInput {
  return {
    receipt: published.receipt,
    standings: [],
    blob: () => Promise.resolve(published.packed.blob),
    expected: { id: published.id, version: published.version, digest: published.packed.bundle.digest },
    pin: registry.pin(),
    policy: trusting(),
    trust: memoryTrust(),
    ...changes,
  };
}

/** A pin that lives in memory, and the log's present answer. */
export function freshnessOf(
  registry: TestRegistry,
  pin: Pin = registry.pin(),
): { readonly state: { pin: Pin }; readonly freshness: Freshness } {
  const state = { pin };
  const freshness: Freshness = {
    note: registry.log.checkpoint(),
    fetchTile: registry.log.fetchTile,
    advance: (seen, checkpoint, { realm = PUBLIC_REALM }) => {
      if (seen.realms.get(realm)?.checkpoint !== state.pin.realms.get(realm)?.checkpoint)
        return Promise.resolve(false);
      const realms = new Map(state.pin.realms).set(realm, {
        checkpoint,
        checkedAt: '2027-01-15T09:00:00.000Z',
      });
      state.pin = { ...state.pin, realms };
      return Promise.resolve(true);
    },
    noteRealm: (_, namespace, realm) => {
      const known = state.pin.namespaces.get(namespace) ?? realm;
      const namespaces = new Map(state.pin.namespaces).set(namespace, known);
      state.pin = { ...state.pin, namespaces };
      return Promise.resolve(known === realm);
    },
    reload: () => Promise.resolve(state.pin),
  };
  return { state, freshness };
}

/** The error of a verification that must fail at this step with this code, having told every step before it. */
export async function failsAt(step: VerificationStepId, code: ClientErrorCode, input: VerifyWorkflowInput) {
  const told: VerificationStep[] = [];
  const error = await failure(verifyWorkflow({ ...input, onStep: (s) => told.push(s) }), code);
  expect(error.verification?.steps).toEqual(told);
  expect(told.at(-1)).toMatchObject({ id: step, status: 'fail' });
  expect(isVerificationCode(error.code)).toBe(true);
  expect(error.hint).toBeTruthy();
  return error;
}
