import { sha256OfShort } from '../short-hash.js';
import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { concatBytes, encodeUtf8, findHex, hexOf, isWellFormed } from '../encoding/bytes.js';
import type { BundleError } from '../error.js';
import { isStrictPoint } from '../keys/ed25519.js';

/** What a key may be called (C2SP signed-note): no white space, no control, no plus. By ranges, for V8 makes a table of a property. */
export const NOTE_NAME =
  /^[!-*,-~\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\u{10ffff}]{1,255}$/u;
const MAX_VKEY_LENGTH = 512;

/** An Ed25519 key under a name, as a vkey tells it. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of the key's hash, as a number. */
  readonly keyHash: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** `name+hash+base64(algorithm‖key)`, the vkey of C2SP signed-note. */
  readonly text: string;
}

/** What the keys of logs and of witnesses differ in. */
export interface VerifierKind {
  /** The byte before the key: 1 for notes, 4 for cosignatures. */
  readonly algorithm: number;
  /** What is said of a vkey with another algorithm. */
  readonly otherAlgorithm: string;
  readonly badKey: (problem: string) => BundleError;
}

/** The key under its name. @throws what the kind's `badKey` makes */
export function verifierKeyOf(kind: VerifierKind, name: string, publicKey: Uint8Array): VerifierKey {
  if (!NOTE_NAME.test(name) || !isWellFormed(name))
    throw kind.badKey('its name is empty, too long, or holds a space or +');
  if (!isStrictPoint(publicKey)) throw kind.badKey('it is not an ed25519 key');
  const typed = concatBytes([Uint8Array.of(kind.algorithm), publicKey]);
  const hash = sha256OfShort(concatBytes([encodeUtf8(`${name}\n`), typed])).subarray(0, 4);
  return {
    name,
    keyHash: new DataView(hash.buffer, hash.byteOffset).getUint32(0),
    publicKey: Uint8Array.from(publicKey),
    text: `${name}+${hexOf(hash)}+${encodeBase64(typed)}`,
  };
}

/** Parses a vkey of at most 512 characters. @throws what the kind's `badKey` makes */
export function parseVkey(kind: VerifierKind, vkey: string): VerifierKey {
  const [name, hash, ...key] = vkey.length > MAX_VKEY_LENGTH ? [] : vkey.split('+');
  const typed = findBase64(key.join('+'));
  if (name === undefined || hash === undefined || findHex(hash)?.length !== 4 || typed === undefined) {
    throw kind.badKey('it does not have the form name+hash+key');
  }
  if (typed[0] !== kind.algorithm) throw kind.badKey(kind.otherAlgorithm);
  const verifier = verifierKeyOf(kind, name, typed.subarray(1));
  if (verifier.text !== vkey) throw kind.badKey('its hash is not that of its name and key');
  return verifier;
}
