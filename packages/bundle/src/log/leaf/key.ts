import type { MemberReader } from '../../encoding/members.js';
import { publicKeyFromMember } from '../../keys/public-key.js';
import type { KeyId } from '../../keys/types.js';
import { keyIdMember, SHA256_HEX } from '../../statement/identity.js';
import { readRevocation, type RevocationReason } from '../../statement/key-event.js';
import { type LeafBase, readKeyIds } from './base.js';

/** A key may sign for the namespace from here on. */
export interface KeyAddLeaf extends LeafBase {
  readonly type: 'key.add';
  readonly keyid: KeyId;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly key: string;
  /** The keys that signed the event. */
  readonly by: readonly KeyId[];
  /** Hexadecimal SHA-256 of the event's canonical envelope. */
  readonly event: string;
  /** Registered by fresh authentication instead of an earlier key: a break of trust on first use. */
  readonly recovery?: true;
}

/** A key may not sign for the namespace any more; when it was compromised, what it signed before counts too. */
export interface KeyRevokeLeaf extends LeafBase {
  readonly type: 'key.revoke';
  readonly keyid: KeyId;
  readonly reason: RevocationReason;
  /** With `compromised` only: publishes by the key at this log index or later are refused. */
  readonly fromIndex?: number;
  /** The keys that signed the event. */
  readonly by: readonly KeyId[];
  /** Hexadecimal SHA-256 of the event's canonical envelope. */
  readonly event: string;
  /** Revoked by fresh authentication and fewer keys than the namespace asks for. */
  readonly recovery?: true;
}

export function readKeyAdd(base: LeafBase, members: MemberReader): KeyAddLeaf {
  const keyid = keyIdMember(members, 'keyid');
  const key = members.string('key');
  if (publicKeyFromMember(key).id !== keyid) members.fail('keyid', 'is not the id of the key');
  return { ...base, type: 'key.add', keyid, key, ...readSigned(members) };
}

export function readKeyRevoke(base: LeafBase, members: MemberReader): KeyRevokeLeaf {
  return {
    ...base,
    type: 'key.revoke',
    keyid: keyIdMember(members, 'keyid'),
    ...readRevocation(members),
    ...readSigned(members),
  };
}

function readSigned(members: MemberReader) {
  return {
    by: readKeyIds(members, 'by'),
    event: members.string('event', SHA256_HEX),
    ...(members.flag('recovery') ? { recovery: true as const } : {}),
  };
}
