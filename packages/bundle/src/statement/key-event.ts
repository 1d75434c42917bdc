import { encodeBase64 } from '../encoding/base64.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { publicKeyFromMember, spkiOf } from '../keys/public-key.js';
import type { KeyId } from '../keys/types.js';
import { keyIdMember, namespaceMember, REGISTRY } from './identity.js';

const MAX_EVENT_BYTES = 4096;
/** Most keys that a namespace may ask for: an envelope holds 16 signatures, and a new key signs beside all of these. */
const MAX_THRESHOLD = 15;

interface KeyEventBase {
  /** The registry's origin, a host and maybe a port. */
  readonly registry: string;
  readonly namespace: string;
}

/**
 * What is signed to register a key: by the new key itself, which proves possession, and by as many active keys of the
 * namespace as its policy asks for. The namespace's first key, and a recovery, are signed by the new key alone.
 */
export interface KeyAddEvent extends KeyEventBase {
  readonly type: 'key.add';
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  /** Asks for fresh authentication to stand in for the earlier keys. */
  readonly recovery?: true;
}

/** Why a key is revoked. What a superseded key signed before stands; a compromised one is refused from an index on. */
export type RevocationReason = 'superseded' | 'compromised';

/**
 * What is signed to revoke a key: by the key itself, or by as many active keys as the namespace's policy asks for. A
 * revoked key may be revoked again, by the others, as compromised from an index that refuses more than before.
 */
export interface KeyRevokeEvent extends KeyEventBase {
  readonly type: 'key.revoke';
  readonly keyid: KeyId;
  readonly reason: RevocationReason;
  /** Present exactly when compromised: publishes by the key at this log index or later are refused. */
  readonly fromIndex?: number;
  /** Asks for fresh authentication to stand in for all but one of the active keys. */
  readonly recovery?: true;
}

/** What is signed to change how many keys must sign: by as many active keys as the larger of the two thresholds. */
export interface NamespacePolicyEvent extends KeyEventBase {
  readonly type: 'ns.policy';
  /** 1 to 15. */
  readonly threshold: number;
  /** Log index of the policy that this one replaces, so that an old event cannot be played again; absent for the first. */
  readonly replaces?: number;
}

/** What a namespace's keys sign about themselves, discriminated by `type`. */
export type KeyEvent = KeyAddEvent | KeyRevokeEvent | NamespacePolicyEvent;

/** The event in canonical JSON, to be signed as {@link PAYLOAD_TYPE_KEY_EVENT}. @throws as {@link parseKeyEvent} */
export function encodeKeyEvent(event: KeyEvent): Uint8Array {
  // Parsing holds the event to the rules that its readers will hold it to.
  return canonicalJson({ ...parseKeyEvent(canonicalJson({ ...event })) });
}

/**
 * Parses the payload of a verified key event, at most 4 KiB.
 *
 * @throws BundleError `key.event_invalid`, or `key.invalid` or `key.weak` for its key
 */
export function parseKeyEvent(payload: Uint8Array): KeyEvent {
  const members = readMembers(
    parseStrictJson(payload, MAX_EVENT_BYTES, 'key.event_invalid', 'the key event'),
    'key.event_invalid',
    'the key event',
  );
  const base = {
    registry: members.string('registry', REGISTRY),
    namespace: namespaceMember(members, 'namespace'),
  };
  const event = readEvent(base, members);
  members.end();
  return event;
}

function readEvent(base: KeyEventBase, members: MemberReader): KeyEvent {
  const type = members.string('type');
  switch (type) {
    case 'key.add': {
      const publicKey = encodeBase64(spkiOf(publicKeyFromMember(members.string('publicKey'))));
      return { ...base, type, publicKey, ...readRecovery(members) };
    }
    case 'key.revoke': {
      const keyid = keyIdMember(members, 'keyid');
      return { ...base, type, keyid, ...readRevocation(members), ...readRecovery(members) };
    }
    case 'ns.policy': {
      const replaces = members.optionalCount('replaces');
      const threshold = readThreshold(members);
      return { ...base, type, threshold, ...(replaces === undefined ? {} : { replaces }) };
    }
    default:
      return members.fail('type', 'is not key.add, key.revoke or ns.policy');
  }
}

function readRecovery(members: MemberReader) {
  return members.flag('recovery') ? { recovery: true as const } : {};
}

/** The reason of a revocation, and the index that goes with `compromised` and with nothing else. */
export function readRevocation(members: MemberReader): {
  readonly reason: RevocationReason;
  readonly fromIndex?: number;
} {
  const reason = members.string('reason');
  const fromIndex = members.optionalCount('fromIndex');
  if (reason === 'superseded') {
    return fromIndex === undefined ? { reason } : members.fail('fromIndex', 'goes with compromised only');
  }
  if (reason !== 'compromised') members.fail('reason', 'is not superseded or compromised');
  return fromIndex === undefined ? members.fail('fromIndex', 'is missing') : { reason, fromIndex };
}

/** A threshold from 1 to 15. */
export function readThreshold(members: MemberReader): number {
  const threshold = members.count('threshold');
  if (threshold < 1 || threshold > MAX_THRESHOLD) {
    members.fail('threshold', `is not from 1 to ${MAX_THRESHOLD}`);
  }
  return threshold;
}
