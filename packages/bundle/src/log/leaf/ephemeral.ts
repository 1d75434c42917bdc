import type { WorkflowName } from '@sheaf/workflow';
import type { MemberReader } from '../../encoding/members.js';
import { publicKeyFromMember } from '../../keys/public-key.js';
import type { KeyId } from '../../keys/types.js';
import { keyIdMember, nameMember } from '../../statement/identity.js';
import type { LeafBase } from './base.js';
import { type Claims, readClaims } from './claims.js';

/**
 * A key may sign publishes of the namespace for a short while, because an issuer of identity tokens said who holds it.
 * The leaf is its certificate. It signs no key event, and no leaf revokes it: it ends by itself.
 */
export interface KeyEphemeralLeaf extends LeafBase {
  readonly type: 'key.ephemeral';
  /** The one workflow that it may publish; any of the namespace without it. */
  readonly name?: WorkflowName;
  readonly keyid: KeyId;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly key: string;
  /**
   * Seconds since the epoch: it signs no publish whose leaf has a later `t`, and none at all when this is more than
   * {@link MAX_EPHEMERAL_SECONDS} after its own `t`.
   */
  readonly exp: number;
  /** URL of the issuer, 1 to 256 printable characters. */
  readonly issuer: string;
  /** Who the issuer says it is, by what never changes and is never given to another: what a first use pins. */
  readonly identity: Claims;
  /** What else the issuer says, for people and rules: the names of today, the branch, the run. */
  readonly claims?: Claims;
}

/** Longest life of an ephemeral key in seconds. */
export const MAX_EPHEMERAL_SECONDS = 3600;

const ISSUER = /^https?:\/\/[\x21-\x7e]+$/;

export function readKeyEphemeral(base: LeafBase, members: MemberReader): KeyEphemeralLeaf {
  const keyid = keyIdMember(members, 'keyid');
  const key = members.string('key');
  if (publicKeyFromMember(key).id !== keyid) members.fail('keyid', 'is not the id of the key');
  return {
    ...base,
    type: 'key.ephemeral',
    ...(members.optionalValue('name') === undefined ? {} : { name: nameMember(members, 'name') }),
    keyid,
    key,
    exp: members.count('exp'),
    issuer: members.string('issuer', ISSUER, 256),
    identity: readClaims(members, 'identity'),
    ...(members.optionalValue('claims') === undefined ? {} : { claims: readClaims(members, 'claims') }),
  };
}
