import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/bytes.js';
import { BundleError } from '../error.js';
import { signEd25519, verifyEd25519 } from '../keys/ed25519.js';
import type { SigningKey } from '../keys/types.js';
import { parseCheckpoint } from './checkpoint.js';
import { splitNote } from './note.js';
import { parseVkey, verifierKeyOf, type VerifierKey, type VerifierKind } from './vkey.js';

/** A witness's key: it cosigns checkpoints and nothing else. Its vkey has algorithm 4. */
export type WitnessVerifier = VerifierKey;

/** That a witness saw a checkpoint, and when. */
export interface Cosignature {
  readonly witness: WitnessVerifier;
  /** Seconds since the epoch, by the witness's clock. */
  readonly timeSeconds: number;
}

const WITNESS_KIND: VerifierKind = {
  algorithm: 4,
  otherAlgorithm: 'it is not a key for cosignatures (algorithm 4)',
  badKey,
};
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** The verifier of a witness's Ed25519 key under a name. @throws BundleError `witness.key_invalid` */
export function witnessVerifierOf(name: string, publicKey: Uint8Array): WitnessVerifier {
  return verifierKeyOf(WITNESS_KIND, name, publicKey);
}

/** Parses the vkey of a witness. @throws BundleError `witness.key_invalid` */
export function parseWitnessVerifier(vkey: string): WitnessVerifier {
  return parseVkey(WITNESS_KIND, vkey);
}

/**
 * Cosigns a checkpoint (C2SP tlog-cosignature, cosignature/v1). Whoever calls this has verified the note and its
 * consistency with every checkpoint of the log that the key cosigned before.
 *
 * @param note a signed checkpoint
 * @param timeSeconds when, in seconds since the epoch
 * @returns one signature line with its newline, to be appended to the note
 * @throws BundleError `note.invalid`, `checkpoint.invalid` or `witness.key_invalid`; `log.range` for a time that is
 *   not a safe integer from 0
 */
export function cosignCheckpoint(note: string, name: string, key: SigningKey, timeSeconds: number): string {
  const { text } = splitNote(note);
  parseCheckpoint(text);
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0)
    throw new BundleError('log.range', `${timeSeconds} is not a time that a cosignature can carry`);
  const { keyHash } = witnessVerifierOf(name, key.publicKey.raw);
  const payload = new Uint8Array(4 + TIME_BYTES + SIGNATURE_BYTES);
  const view = new DataView(payload.buffer);
  view.setUint32(0, keyHash);
  view.setBigUint64(4, BigInt(timeSeconds));
  payload.set(signEd25519(key, cosignedMessage(timeSeconds, text)), 4 + TIME_BYTES);
  return `\u2014 ${name} ${encodeBase64(payload)}\n`;
}

/**
 * The cosignatures on a note by witnesses that are known. Lines of unknown keys count for nothing, and the log's own
 * signature is not looked at: `openCheckpoint` does that.
 *
 * @throws BundleError `note.invalid` or `checkpoint.invalid`, also when one witness has cosigned twice;
 *   `witness.signature` when the cosignature of a known witness is not valid
 */
export function readCosignatures(
  note: string,
  witnesses: readonly WitnessVerifier[],
): readonly Cosignature[] {
  const { text, signatures } = splitNote(note);
  parseCheckpoint(text);
  const found = new Map<WitnessVerifier, Cosignature>();
  for (const { name, keyHash, signature } of signatures) {
    const witness = witnesses.find((known) => known.name === name && known.keyHash === keyHash);
    if (witness === undefined) continue;
    if (found.has(witness))
      throw new BundleError(
        'note.invalid',
        'the note is not a signed note: one witness has cosigned it twice',
      );
    found.set(witness, { witness, timeSeconds: verifiedTime(text, witness, signature) });
  }
  return [...found.values()];
}

function verifiedTime(text: string, witness: WitnessVerifier, signature: Uint8Array): number {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) throw badSignature();
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) throw badSignature();
  const timeSeconds = Number(time);
  const message = cosignedMessage(timeSeconds, text);
  if (!verifyEd25519(witness.publicKey, message, signature.subarray(TIME_BYTES))) throw badSignature();
  return timeSeconds;
}

/** C2SP tlog-cosignature, "Signed message". */
function cosignedMessage(timeSeconds: number, text: string): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

function badSignature(): BundleError {
  return new BundleError('witness.signature', 'the cosignature of a known witness is not valid', {
    hint: 'the checkpoint was changed after the witness saw it, or the witness is not who it claims to be',
  });
}

function badKey(problem: string): BundleError {
  return new BundleError('witness.key_invalid', `the witness key is not valid: ${problem}`, {
    hint: 'use the vkey that the witness prints when it starts',
  });
}
