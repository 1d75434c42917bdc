import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { encodeUtf8, concatBytes } from '../encoding/bytes.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { readMembers } from '../encoding/members.js';
import { parseStrictJson, type StrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import { signEd25519, verifyEd25519 } from '../keys/ed25519.js';
import type { PublicKey, SigningKey } from '../keys/types.js';

/** What a publish statement is signed as. */
export const PAYLOAD_TYPE_STATEMENT = 'application/vnd.in-toto+json';
/** What a key event is signed as. */
export const PAYLOAD_TYPE_KEY_EVENT = 'application/vnd.sheaf.key-event+json';
/** What a policy for runs is signed as. */
export const PAYLOAD_TYPE_POLICY = 'application/vnd.sheaf.policy+toml';

const MAX_ENVELOPE_BYTES = 64 << 10;
const MAX_SIGNATURES = 16;
const PAYLOAD_TYPE = /^[\x21-\x7e]{1,128}$/;
const KEY_ID_HINT = /^[\x21-\x7e]{0,128}$/;

/** A DSSE envelope. Its payload means nothing before {@link verifyEnvelope} has returned it. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  /** A hint for finding the key, never a claim. */
  readonly keyid?: string;
  /** Base64. */
  readonly sig: string;
}

/**
 * Parses an envelope, at most 64 KiB: no member that DSSE does not name, no duplicate, one spelling of base64.
 *
 * @throws BundleError `envelope.invalid`
 */
export function parseEnvelope(json: Uint8Array | string): Envelope {
  return readEnvelope(parseStrictJson(json, MAX_ENVELOPE_BYTES, 'envelope.invalid', 'the envelope'));
}

/** Reads an envelope that is part of a larger document. @throws BundleError `envelope.invalid` */
export function readEnvelope(value: StrictJson): Envelope {
  const members = readMembers(value, 'envelope.invalid', 'the envelope');
  const payloadType = members.string('payloadType', PAYLOAD_TYPE);
  const payload = members.base64Text('payload');
  const signatures = members.objects('signatures', MAX_SIGNATURES).map((signature) => {
    const keyid = signature.optionalString('keyid', KEY_ID_HINT);
    const sig = signature.base64Text('sig');
    signature.end();
    return keyid === undefined ? { sig } : { keyid, sig };
  });
  members.end();
  if (signatures.length === 0) members.fail('signatures', 'is empty');
  return { payloadType, payload, signatures };
}

/** The envelope's canonical JSON; its SHA-256 is what the log records. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return canonicalJson(envelopeValue(envelope));
}

/** The envelope as a value for canonical JSON. */
export function envelopeValue(envelope: Envelope) {
  return {
    payloadType: envelope.payloadType,
    payload: envelope.payload,
    signatures: envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  };
}

/** Signs a payload with every given key (DSSE v1). */
export function signEnvelope(
  payloadType: string,
  payload: Uint8Array,
  keys: readonly SigningKey[],
): Envelope {
  const message = preAuthEncoding(payloadType, payload);
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: keys.map((key) => ({
      keyid: key.publicKey.id,
      sig: encodeBase64(signEd25519(key, message)),
    })),
  };
}

/**
 * Verifies an envelope. The payload that is returned is the very bytes that were signed: parse those and nothing
 * else. Signatures by keys that are not authorised count for nothing, and a key counts once however often it signed.
 *
 * @param threshold how many of the authorised keys must have signed, at least 1
 * @throws BundleError `envelope.payload_type`, `envelope.invalid`, or `signature.invalid`
 */
export function verifyEnvelope(
  envelope: Envelope,
  expectedPayloadType: string,
  authorised: readonly PublicKey[],
  threshold: number,
): { readonly payload: Uint8Array; readonly signers: readonly PublicKey[] } {
  if (!Number.isSafeInteger(threshold) || threshold < 1) {
    throw new BundleError('signature.invalid', 'a threshold is an integer from 1');
  }
  if (envelope.payloadType !== expectedPayloadType) {
    throw new BundleError('envelope.payload_type', `the envelope does not hold ${expectedPayloadType}`);
  }
  const payload = findBase64(envelope.payload);
  if (payload === undefined || envelope.signatures.length > MAX_SIGNATURES) {
    throw new BundleError('envelope.invalid', 'the envelope was not made by parseEnvelope or signEnvelope');
  }
  const message = preAuthEncoding(envelope.payloadType, payload);
  const signers = new Map<string, PublicKey>();
  for (const { keyid, sig } of envelope.signatures) {
    const signature = findBase64(sig);
    if (signature === undefined) continue;
    const signer = findSigner(authorised, keyid, message, signature);
    if (signer !== undefined) signers.set(signer.id, signer);
  }
  if (signers.size < threshold) {
    throw new BundleError(
      'signature.invalid',
      `${signers.size} of ${threshold} required signatures are valid`,
      { hint: 'the content was changed after signing, or was signed with a key that is not authorised' },
    );
  }
  return { payload, signers: [...signers.values()] };
}

/** The authorised key that made a signature; the one that the hint names is tried first. */
function findSigner(
  authorised: readonly PublicKey[],
  keyid: string | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): PublicKey | undefined {
  const hinted = authorised.filter(({ id }) => id === keyid);
  const others = authorised.filter(({ id }) => id !== keyid);
  return [...hinted, ...others].find(({ raw }) => verifyEd25519(raw, message, signature));
}

/** DSSE's PAE: lengths before contents, so that type and payload cannot be shifted into each other. */
function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes([
    encodeUtf8(`DSSEv1 ${type.length} `),
    type,
    encodeUtf8(` ${payload.length} `),
    payload,
  ]);
}
