import { createHash } from 'node:crypto';

// RFC 8032 §5.1 as it is written, with big integers: slow, plain, and independent of both engines.

const P = 2n ** 255n - 19n;
/** The order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));

/** Extended homogeneous coordinates X, Y, Z, T (§5.1.4). */
export type Point = readonly [bigint, bigint, bigint, bigint];

const IDENTITY: Point = [0n, 1n, 1n, 0n];
const BASE = fromY(4n * inverse(5n), 0n) ?? IDENTITY;

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base), rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if ((rest & 1n) === 1n) result = mod(result * square);
  }
  return result;
}

function inverse(value: bigint): bigint {
  return power(value, P - 2n);
}

function fromY(y: bigint, sign: bigint): Point | undefined {
  const xx = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(xx, (P + 3n) / 8n);
  if (mod(x * x - xx) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n));
  if (mod(x * x - xx) !== 0n) return undefined;
  if (x === 0n && sign === 1n) return undefined;
  if ((x & 1n) !== sign) x = P - x;
  return [x, mod(y), 1n, mod(x * y)];
}

export function add(a: Point, b: Point): Point {
  const A = mod((a[1] - a[0]) * (b[1] - b[0]));
  const B = mod((a[1] + a[0]) * (b[1] + b[0]));
  const C = mod(2n * D * a[3] * b[3]);
  const Z = mod(2n * a[2] * b[2]);
  const [E, F, G, H] = [B - A, Z - C, Z + C, B + A];
  return [mod(E * F), mod(G * H), mod(F * G), mod(E * H)];
}

export function multiply(scalar: bigint, point: Point): Point {
  let sum = IDENTITY;
  for (let rest = scalar, double = point; rest > 0n; rest >>= 1n, double = add(double, double)) {
    if ((rest & 1n) === 1n) sum = add(sum, double);
  }
  return sum;
}

export function multiplyBase(scalar: bigint): Point {
  return multiply(scalar, BASE);
}

function equal(a: Point, b: Point): boolean {
  return mod(a[0] * b[2] - b[0] * a[2]) === 0n && mod(a[1] * b[2] - b[1] * a[2]) === 0n;
}

export function numberOf(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

export function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

export function encodePoint(point: Point): Uint8Array {
  const z = inverse(point[2]);
  return bytesOf(mod(point[1] * z) | ((mod(point[0] * z) & 1n) << 255n));
}

/** Decodes a point; `undefined` when it is none, or not in the one encoding that it may have. */
export function decodePoint(encoded: Uint8Array): Point | undefined {
  const value = numberOf(encoded);
  const y = value & (2n ** 255n - 1n);
  return y < P ? fromY(y, value >> 255n) : undefined;
}

/** The scalar k of a signature: SHA-512(R ‖ A ‖ M) mod L. */
export function challenge(r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint {
  return numberOf(createHash('sha512').update(r).update(a).update(message).digest()) % L;
}

/** §5.1.7 with canonical points and S < L: `[S]B = R + [k]A`, or that times 8. */
export function verifyReference(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  isCofactored: boolean,
): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const encodedR = signature.subarray(0, 32);
  const [R, A] = [decodePoint(encodedR), decodePoint(publicKey)];
  const S = numberOf(signature.subarray(32));
  if (R === undefined || A === undefined || S >= L) return false;
  const factor = isCofactored ? 8n : 1n;
  const right = add(R, multiply(challenge(encodedR, publicKey, message), A));
  return equal(multiply(factor, multiplyBase(S)), multiply(factor, right));
}

/** Whether a point is one of the eight whose order divides 8. */
export function isSmallOrder(point: Point): boolean {
  return equal(multiply(8n, point), IDENTITY);
}
