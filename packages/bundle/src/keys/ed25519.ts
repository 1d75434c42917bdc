import { platform } from '#platform';
import type { SigningKey } from './types.js';

/** The order of the base point, little-endian: 2^252 + 27742317777372353535851937790883648493. */
// prettier-ignore
const ORDER = Uint8Array.of(
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
);

/** The field's prime 2^255 - 19, little-endian. */
const PRIME = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xed : i === 31 ? 0x7f : 0xff));

/**
 * The y-coordinates, little-endian, of the eight points whose order divides 8: 0 (order 4), 1 (the identity),
 * -1 (order 2) and the two of order 8. With either sign of x they are every canonical encoding of such a point, and
 * the encodings that are not canonical fall to the comparison with the prime.
 */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  Uint8Array.from({ length: 32 }, () => 0),
  Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)),
  Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xec : i === 31 ? 0x7f : 0xff)),
  // prettier-ignore
  Uint8Array.of(
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
  ),
  // prettier-ignore
  Uint8Array.of(
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
  ),
];

/**
 * Whether 32 bytes are an encoding that a public key, or the R of a signature, may have: canonical (y < p) and not
 * of small order. Whether they are a point of the curve is for the engine to find out.
 */
export function isStrictPoint(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return false;
  const y = Uint8Array.from(encoded);
  y[31] = (y[31] ?? 0) & 0x7f;
  return isBelow(y, PRIME) && !SMALL_ORDER_Y.some((small) => small.every((byte, i) => byte === y[i]));
}

/** Compares two little-endian numbers of 32 bytes. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    if (x !== y) return x < y;
  }
  return false;
}

/** Signs with pure Ed25519 (RFC 8032 §5.1.6). @returns 64 bytes */
export function signEd25519(key: SigningKey, message: Uint8Array): Uint8Array {
  return platform.ed25519Sign(key.seed, key.publicKey.raw, message);
}

/**
 * Verifies pure Ed25519 so that every engine gives the same answer: lengths, `S < L`, and A and R canonical and not
 * of small order are checked here, because engines differ on exactly these; then the equation, by the platform's
 * engine.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return isStrictSignature(publicKey, signature) && platform.ed25519Verify(publicKey, message, signature);
}

/** The checks before the engine: see {@link verifyEd25519}. */
export function isStrictSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    isStrictPoint(publicKey) &&
    isStrictPoint(signature.subarray(0, 32)) &&
    isBelow(signature.subarray(32), ORDER)
  );
}
