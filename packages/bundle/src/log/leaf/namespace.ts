import type { MemberReader } from '../../encoding/members.js';
import type { KeyId } from '../../keys/types.js';
import { SHA256_HEX } from '../../statement/identity.js';
import { readThreshold } from '../../statement/key-event.js';
import { type LeafBase, readKeyIds } from './base.js';

/** A namespace came into being. */
export interface NamespaceCreateLeaf extends LeafBase {
  readonly type: 'ns.create';
}

/** From here on, this many of the namespace's keys must sign. */
export interface NamespacePolicyLeaf extends LeafBase {
  readonly type: 'ns.policy';
  /** 1 to 15. */
  readonly threshold: number;
  /** Log index of the policy that this one replaces; absent for the first. */
  readonly replaces?: number;
  /** The keys that signed the event. */
  readonly by: readonly KeyId[];
  /** Hexadecimal SHA-256 of the event's canonical envelope. */
  readonly event: string;
}

/** The namespace has another owner from here on; who that is stands in no log. Its keys are as they were. */
export interface NamespaceTransferLeaf extends LeafBase {
  readonly type: 'ns.transfer';
}

export function readNamespaceCreate(base: LeafBase): NamespaceCreateLeaf {
  return { ...base, type: 'ns.create' };
}

export function readNamespaceTransfer(base: LeafBase): NamespaceTransferLeaf {
  return { ...base, type: 'ns.transfer' };
}

export function readNamespacePolicy(base: LeafBase, members: MemberReader): NamespacePolicyLeaf {
  const replaces = members.optionalCount('replaces');
  return {
    ...base,
    type: 'ns.policy',
    threshold: readThreshold(members),
    ...(replaces === undefined ? {} : { replaces }),
    by: readKeyIds(members, 'by'),
    event: members.string('event', SHA256_HEX),
  };
}
