import { encodeBase64, findBase64 } from '../encoding/base64.js';
import { encodeUtf8, isWellFormed } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { signEd25519, verifyEd25519 } from '../keys/ed25519.js';
import type { SigningKey } from '../keys/types.js';
import { NOTE_NAME, parseVkey, verifierKeyOf, type VerifierKey, type VerifierKind } from './vkey.js';

/** A key that signs notes: a log's or a witness's. Its vkey has algorithm 1. */
export type LogVerifier = VerifierKey;

const LOG_KIND: VerifierKind = { algorithm: 1, otherAlgorithm: 'its algorithm is not ed25519', badKey };
const MAX_NOTE_LENGTH = 128 << 10;
/** Most signatures that a note may have. */
export const MAX_SIGNATURES = 64;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+=*)$/;

/** The verifier of an Ed25519 key under a name. @throws BundleError `log.key_invalid` */
export function logVerifierOf(name: string, publicKey: Uint8Array): LogVerifier {
  return verifierKeyOf(LOG_KIND, name, publicKey);
}

/** Parses a vkey. @throws BundleError `log.key_invalid` */
export function parseLogVerifier(vkey: string): LogVerifier {
  return parseVkey(LOG_KIND, vkey);
}

/**
 * Signs a text as a note (C2SP signed-note, Ed25519).
 *
 * @param text ends with a newline and holds no other control character
 * @throws BundleError `note.invalid` or `log.key_invalid`
 */
export function signNote(text: string, name: string, key: SigningKey): string {
  checkText(text);
  if (!text.endsWith('\n')) throw badNote('the text does not end with a newline');
  const { keyHash } = logVerifierOf(name, key.publicKey.raw);
  const signature = new Uint8Array(4 + 64);
  new DataView(signature.buffer).setUint32(0, keyHash);
  signature.set(signEd25519(key, encodeUtf8(text)), 4);
  return `${text}\n\u2014 ${name} ${encodeBase64(signature)}\n`;
}

/**
 * Opens a note: at least one known key must have signed it, and no signature of a known key may be wrong. Lines of
 * unknown keys count for nothing.
 *
 * @throws BundleError `note.invalid`, `log.key_unknown` (nobody known signed), or `log.signature`
 */
export function openNote(
  note: string,
  verifiers: readonly LogVerifier[],
): { readonly text: string; readonly verified: readonly LogVerifier[] } {
  const { text, signatures } = splitNote(note);
  const message = encodeUtf8(text);
  const verified = new Set<LogVerifier>();
  for (const { name, keyHash, signature } of signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.keyHash === keyHash);
    if (verifier === undefined) continue;
    if (verified.has(verifier)) throw badNote('one key has signed it twice');
    if (!verifyEd25519(verifier.publicKey, message, signature)) {
      throw new BundleError('log.signature', 'the signature of a known key on the note is not valid', {
        hint: 'the note was changed, or its signer is not who it claims to be',
      });
    }
    verified.add(verifier);
  }
  if (verified.size === 0) {
    throw new BundleError('log.key_unknown', 'no known key has signed the note', {
      hint: 'compare the log key that is pinned with the one that the registry announces',
    });
  }
  return { text, verified: [...verified] };
}

/** One signature line of a note, not yet verified. */
export interface NoteSignature {
  readonly name: string;
  /** First four bytes of the line's payload, as a number. */
  readonly keyHash: number;
  /** What follows them; its form depends on the key's algorithm. */
  readonly signature: Uint8Array;
}

/**
 * Takes a note apart without verifying anything.
 *
 * @returns the text with its last newline, and 1 to 64 signatures
 * @throws BundleError `note.invalid`
 */
export function splitNote(note: string): {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
} {
  checkText(note);
  const split = note.lastIndexOf('\n\n');
  if (split === -1 || !note.endsWith('\n')) throw badNote('it has no text, or no signatures after it');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw badNote(`it has more than ${MAX_SIGNATURES} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : findBase64(encoded);
  if (name === undefined || !NOTE_NAME.test(name) || bytes === undefined || bytes.length < 5) {
    throw badNote('a signature line is malformed');
  }
  return { name, keyHash: new DataView(bytes.buffer).getUint32(0), signature: bytes.subarray(4) };
}

function checkText(text: string): void {
  if (text.length > MAX_NOTE_LENGTH) throw badNote(`it is longer than ${MAX_NOTE_LENGTH} characters`);
  if (!isWellFormed(text) || hasControl(text)) throw badNote('it holds a control character');
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
}

function badNote(problem: string): BundleError {
  return new BundleError('note.invalid', `the note is not a signed note: ${problem}`);
}

function badKey(problem: string): BundleError {
  return new BundleError('log.key_invalid', `the log key is not valid: ${problem}`);
}
