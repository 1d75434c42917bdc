import {
  canRevokeFurther,
  type KeyAddEvent,
  type KeyId,
  type KeyRevokeEvent,
  type NamespacePolicyEvent,
} from '@sheaf/bundle';
import type { RevocationReason } from '@sheaf/client/contract';
import { RegistryError } from '../error.js';

/** A revocation that was accepted. */
export interface KnownRevocation {
  readonly reason: RevocationReason;
  readonly fromIndex?: number;
  /** Its place in the log; absent while it waits for one. */
  readonly logIndex?: number;
}

/** What decides about a key event: the keys of its namespace and its policy, under the namespace's lock. */
export interface KeyView {
  readonly active: ReadonlySet<KeyId>;
  /** Each with its revocations: they count from the moment they are stored, before the log has confirmed them. */
  readonly revoked: ReadonlyMap<KeyId, readonly KnownRevocation[]>;
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
 * Whether a key may be revoked: by itself, by as many active keys as the namespace asks for, or in a recovery by any. A
 * revoked key may be revoked again as compromised, when that refuses more of what it published than before.
 *
 * @param logSize leaves of the log: nothing is revoked from an index that is yet to come
 * @throws RegistryError `key.not_found`, `key.event_invalid`, `key.revoked`, `key.threshold`, `state.conflict` when it is
 *   revoked in a way that refuses as much already
 */
export function decideRevoke(
  view: KeyView,
  event: Pick<KeyRevokeEvent, 'keyid' | 'reason' | 'fromIndex' | 'recovery'>,
  signers: readonly KeyId[],
  logSize: number,
): Decision {
  const { keyid, reason, fromIndex } = event;
  const before = view.revoked.get(keyid) ?? [];
  if (before.some((r) => r.reason === reason && r.fromIndex === fromIndex)) return undefined;
  if (before.length > 0) assertRefusesMore(keyid, before, fromIndex, logSize);
  else if (!view.active.has(keyid)) {
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

function assertRefusesMore(
  keyid: KeyId,
  before: readonly KnownRevocation[],
  fromIndex: number | undefined,
  logSize: number,
): void {
  // One that waits for its place will stand at the end of the log, or after it.
  const reach = Math.min(...before.map((r) => r.fromIndex ?? r.logIndex ?? logSize));
  if (canRevokeFurther({ reach, count: before.length }, fromIndex)) return;
  throw new RegistryError(
    'state.conflict',
    fromIndex !== undefined && fromIndex < reach
      ? `key ${short(keyid)} was revoked ${before.length} times, and is not revoked again`
      : `key ${short(keyid)} is revoked already, and what it published from log index ${reach} on is refused`,
  );
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
