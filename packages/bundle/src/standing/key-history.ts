import type { Namespace } from '@sheaf/workflow';
import { BundleError } from '../error.js';
import { publicKeyFromSpki } from '../keys/public-key.js';
import type { KeyId, PublicKey } from '../keys/types.js';
import type { KeyAddLeaf, KeyRevokeLeaf } from '../log/leaf/key.js';
import { admitKeyLeaf, createAuthority, isKeyLeaf } from './authority.js';
import { checkChain } from './chain.js';
import { type LogEvent, orderEvents } from './log-event.js';
import type { Revocation } from './revocation.js';

/** One key of a namespace, from the log. */
export interface KeyRecord {
  readonly keyid: KeyId;
  readonly publicKey: PublicKey;
  /** Log index of the leaf that added it. */
  readonly addedAt: number;
  /** The keys that signed for it, itself included. */
  readonly by: readonly KeyId[];
  /** Added by fresh authentication: a break of trust on first use. */
  readonly recovery: boolean;
  /** The first key of its namespace. */
  readonly isFirst: boolean;
  /** The newest revocation, which refuses more than those before it: it alone decides which publishes stand. */
  readonly revoked?: Omit<Revocation, 'keyid'>;
}

/** All keys that a namespace ever had, and its policy. */
export interface KeyHistory {
  /** By log index, revoked ones included. */
  readonly keys: readonly KeyRecord[];
  /** How many keys must sign from here on; 1 without a policy. */
  readonly threshold: number;
  /** Log index of the policy in force. */
  readonly policyIndex?: number;
}

/**
 * The keys of a namespace from all its `key.add`, `key.revoke` and `ns.policy` leaves, in any order. Each event must
 * have been allowed when it was logged, so a history with a hole in it is refused wherever the hole shows.
 *
 * @param events of which the caller has checked that the log holds them
 * @throws BundleError `key.unauthorised` for an event that the keys before it did not allow, `leaf.mismatch` for a leaf
 *   of another namespace or type, `leaf.chain`, `standing.invalid`, `leaf.invalid`, or `leaf.type_unknown`
 */
export function foldKeyHistory(events: readonly LogEvent[], namespace: Namespace): KeyHistory {
  const keys = new Map<KeyId, KeyRecord>();
  const authority = createAuthority();
  for (const { index, leaf } of orderEvents(events)) {
    if (leaf.ns !== namespace || !isKeyLeaf(leaf)) {
      throw new BundleError(
        'leaf.mismatch',
        `the leaf at log index ${index} is not about the keys of ${namespace}`,
      );
    }
    admitKeyLeaf(authority, index, leaf);
    if (leaf.type === 'key.add') keys.set(leaf.keyid, addedKey(index, leaf, keys.size === 0));
    else if (leaf.type === 'key.revoke') revoke(keys, index, leaf);
  }
  checkChain(events);
  return {
    keys: [...keys.values()],
    threshold: authority.threshold,
    ...(authority.policyIndex === undefined ? {} : { policyIndex: authority.policyIndex }),
  };
}

function addedKey(index: number, leaf: KeyAddLeaf, isFirst: boolean): KeyRecord {
  return {
    keyid: leaf.keyid,
    publicKey: publicKeyFromSpki(leaf.key),
    addedAt: index,
    by: leaf.by,
    recovery: leaf.recovery === true,
    isFirst,
  };
}

function revoke(keys: Map<KeyId, KeyRecord>, index: number, leaf: KeyRevokeLeaf): void {
  const { keyid, reason, fromIndex } = leaf;
  const record = keys.get(keyid);
  if (record === undefined) return;
  keys.set(keyid, {
    ...record,
    revoked: { index, reason, ...(fromIndex === undefined ? {} : { fromIndex }) },
  });
}
