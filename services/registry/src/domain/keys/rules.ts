import type { KeyAddEvent, KeyId, KeyRevokeEvent, NamespacePolicyEvent } from '@sheaf/bundle';
import type { RevocationReason } from '@sheaf/client/contract';
import { RegistryError } from '../error.js';

/** What decides about a key event: the keys of its namespace and its policy, under the namespace's lock. */
export interface KeyView {
  readonly active: ReadonlySet<KeyId>;
  /** A revocation counts from the moment it is stored, before the log has confirmed it. */
  readonly revoked: ReadonlyMap<KeyId, { readonly reason: RevocationReason; readonly fromIndex?: number }>;
  /** True when the namespace has never had a key, confirmed or not. */
  readonly isEmpty: boolean;
  /** How many keys must sign: the strictest of the policy in force and those that wait for the log. */
  readonly threshold: number;
  /** Log index of the policy in force. */
  readonly policyIndex: number | undefined;
}

/** The keys that the leaf names as its signers; nothing when the event has happened already. */
export type Decision = readonly KeyId[] | undefined;

/**
 * Whether a key may be added: by itself and as many active keys as the namespace asks for; the first key, and a
 * recovery, by itself alone.
 *
 * @throws RegistryError `key.revoked`, `key.endorsement_required`, `key.threshold`
 */
export function decideAdd(
  view: KeyView,
  event: Pick<KeyAddEvent, 'recovery'>,
  keyid: KeyId,
  signers: readonly KeyId[],
): Decision {
  if (view.revoked.has(keyid)) {
    throw new RegistryError('key.revoked', `key ${short(keyid)} was revoked, and is never added again`);
  }
  if (view.active.has(keyid)) return undefined;
  if (view.isEmpty || event.recovery) return [keyid];
  const endorsers = signers.filter((id) => view.active.has(id));
  if (endorsers.length === 0) {
    assertNotRevoked(view, signers);
    throw new RegistryError(
      'key.endorsement_required',
      'an active key of the namespace must sign the event too',
    );
  }
  assertEnough(endorsers, view.threshold);
  return [keyid, ...endorsers];
}

/**
 * Whether a key may be revoked: by itself, by as many active keys as the namespace asks for, or in a recovery by any.
 *
 * @param logSize leaves of the log: nothing is revoked from an index that is yet to come
 * @throws RegistryError `key.not_found`, `key.event_invalid`, `key.revoked`, `key.threshold`, `state.conflict` when it is
 *   revoked in another way
 */
export function decideRevoke(
  view: KeyView,
  event: Pick<KeyRevokeEvent, 'keyid' | 'reason' | 'fromIndex' | 'recovery'>,
  signers: readonly KeyId[],
  logSize: number,
): Decision {
  const { keyid, reason, fromIndex } = event;
  const revoked = view.revoked.get(keyid);
  if (revoked) {
    if (revoked.reason === reason && revoked.fromIndex === fromIndex) return undefined;
    throw new RegistryError('state.conflict', `key ${short(keyid)} is revoked already, as ${revoked.reason}`);
  }
  if (!view.active.has(keyid)) {
    throw new RegistryError('key.not_found', `key ${short(keyid)} is not registered for the namespace`);
  }
  if (fromIndex !== undefined && fromIndex > logSize) {
    throw new RegistryError('key.event_invalid', `the log has ${logSize} leaves, and none at ${fromIndex}`);
  }
  const by = signers.filter((id) => view.active.has(id));
  if (by.length === 0) assertNotRevoked(view, signers);
  if (!by.includes(keyid)) assertEnough(by, event.recovery ? 1 : view.threshold);
  return by;
}

/**
 * Whether a policy may come into force: by as many active keys as the larger of the two thresholds, in place of the one
 * in force, and with no more keys than there are.
 *
 * @throws RegistryError `policy.invalid`, `key.revoked`, `key.threshold`
 */
export function decidePolicy(
  view: KeyView,
  event: Pick<NamespacePolicyEvent, 'threshold' | 'replaces'>,
  signers: readonly KeyId[],
): readonly KeyId[] {
  if (event.replaces !== view.policyIndex) {
    throw new RegistryError(
      'policy.invalid',
      view.policyIndex === undefined
        ? 'the namespace has no policy that could be replaced'
        : `the policy in force stands at log index ${view.policyIndex}, and the event does not replace it`,
    );
  }
  if (event.threshold > view.active.size) {
    throw new RegistryError(
      'policy.invalid',
      `the policy asks for ${event.threshold} keys, and ${view.active.size} are active`,
    );
  }
  const by = signers.filter((id) => view.active.has(id));
  if (by.length === 0) assertNotRevoked(view, signers);
  assertEnough(by, Math.max(view.threshold, event.threshold));
  return by;
}

function assertNotRevoked(view: KeyView, signers: readonly KeyId[]): void {
  const revoked = signers.find((id) => view.revoked.has(id));
  if (revoked === undefined) return;
  throw new RegistryError('key.revoked', `key ${short(revoked)}, which signed the event, is revoked`);
}

function assertEnough(by: readonly KeyId[], threshold: number): void {
  if (by.length >= threshold) return;
  throw new RegistryError('key.threshold', `${by.length} of ${threshold} required active keys have signed`);
}

function short(keyid: KeyId): string {
  return keyid.slice(0, 16);
}
