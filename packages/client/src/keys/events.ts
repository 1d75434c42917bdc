import {
  encodeBase64,
  encodeKeyEvent,
  findBase64,
  parseKeyEvent,
  PAYLOAD_TYPE_KEY_EVENT,
  signEnvelope,
  spkiOf,
  verifyEnvelope,
  type Envelope,
  type KeyEvent,
  type KeyId,
  type PublicKey,
  type SigningKey,
} from '@sheaf/bundle';
import type { Namespace } from '@sheaf/workflow';
import { ClientError } from '../errors.js';

/** Of which registry and namespace a key event speaks. */
export interface KeyEventPlace {
  /** The registry's origin, as pinned. */
  readonly registry: string;
  readonly namespace: Namespace;
}

/** Adds a key. With `recovery`, fresh authentication stands in for the keys that were there before. */
export function keyAddEvent(
  place: KeyEventPlace,
  publicKey: PublicKey,
  { recovery = false }: { readonly recovery?: boolean } = {},
): KeyEvent {
  return {
    type: 'key.add',
    ...place,
    publicKey: encodeBase64(spkiOf(publicKey)),
    ...(recovery ? { recovery: true } : {}),
  };
}

/** Why a key is revoked, and for a compromised one from which log index on its publishes are refused. */
export type Revocation =
  { readonly reason: 'superseded' } | { readonly reason: 'compromised'; readonly fromIndex: number };

/** The event that revokes a key of a namespace, to be signed with {@link signKeyEvent}. */
export function keyRevokeEvent(
  place: KeyEventPlace,
  keyid: KeyId,
  revocation: Revocation,
  { recovery = false }: { readonly recovery?: boolean } = {},
): KeyEvent {
  return { type: 'key.revoke', ...place, keyid, ...revocation, ...(recovery ? { recovery: true } : {}) };
}

/**
 * The event that sets how many keys must sign for a namespace, to be signed with {@link signKeyEvent}.
 *
 * @param replaces log index of the policy in force; undefined when there is none
 */
export function policyEvent(place: KeyEventPlace, threshold: number, replaces: number | undefined): KeyEvent {
  return { type: 'ns.policy', ...place, threshold, ...(replaces === undefined ? {} : { replaces }) };
}

/** Signs an event with every given key. @throws BundleError `key.event_invalid` */
export function signKeyEvent(event: KeyEvent, keys: readonly SigningKey[]): Envelope {
  return signEnvelope(PAYLOAD_TYPE_KEY_EVENT, encodeKeyEvent(event), keys);
}

/**
 * What an envelope would have happen, before any of its signatures is looked at: for showing, and for signing.
 *
 * @throws BundleError `envelope.payload_type`, `key.event_invalid`
 */
export function readKeyEvent(envelope: Envelope): KeyEvent {
  if (envelope.payloadType !== PAYLOAD_TYPE_KEY_EVENT) {
    throw new ClientError('envelope.payload_type', 'the envelope does not hold a key event', {
      hint: 'name the file that sheaf key … --event wrote',
    });
  }
  return parseKeyEvent(payloadOf(envelope));
}

/** Adds the signature of one more key to any envelope; again with the same key changes nothing. */
export function addSignature(envelope: Envelope, key: SigningKey): Envelope {
  const own = signEnvelope(envelope.payloadType, payloadOf(envelope), [key]).signatures;
  const others = envelope.signatures.filter(({ keyid }) => keyid !== key.publicKey.id);
  return { ...envelope, signatures: [...others, ...own] };
}

/** Those of some keys that signed an envelope. */
export function findSigners(envelope: Envelope, keys: readonly PublicKey[]): readonly PublicKey[] {
  try {
    return verifyEnvelope(envelope, envelope.payloadType, keys, 1).signers;
  } catch {
    // None of them: that is an answer here, and no error.
    return [];
  }
}

/** @throws ClientError `envelope.invalid` */
function payloadOf(envelope: Envelope): Uint8Array {
  const payload = findBase64(envelope.payload);
  if (payload === undefined) throw new ClientError('envelope.invalid', 'the payload is not base64');
  return payload;
}
