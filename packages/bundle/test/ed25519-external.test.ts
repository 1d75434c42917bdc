import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../src/index.js';
import { findHex } from '../src/encoding/bytes.js';
import { isStrictSignature } from '../src/keys/ed25519.js';
import { platform as browser } from '../src/platform/browser.js';
import { platform as node } from '../src/platform/node.js';
import {
  add,
  bytesOf,
  challenge,
  decodePoint,
  encodePoint,
  isSmallOrder,
  L,
  multiplyBase,
  verifyReference,
} from '../src/testing/ed25519-reference.js';
import { SMALL_ORDER } from '../src/testing/ed25519-vectors.js';

interface Vector {
  readonly id: number;
  readonly key: string;
  readonly msg: string;
  readonly sig: string;
}

function load(name: string): unknown {
  const text = readFileSync(new URL(`vectors-external/${name}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { vectors: unknown }).vectors;
}

function hex(text: string): Uint8Array {
  const bytes = findHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

/** What each engine says behind the strict checks, and what the package answers. */
function verdicts(key: Uint8Array, message: Uint8Array, signature: Uint8Array): readonly boolean[] {
  const isStrict = isStrictSignature(key, signature);
  const engines = [node, browser].map((engine) => isStrict && engine.ed25519Verify(key, message, signature));
  return [...engines, verifyEd25519(key, message, signature)];
}

function all(verdict: boolean): readonly boolean[] {
  return [verdict, verdict, verdict];
}

const wycheproof = load('wycheproof-ed25519.json') as readonly (Vector & {
  readonly valid: boolean;
  readonly flag: string;
})[];
const speccheck = load('speccheck-ed25519.json') as readonly (Vector & {
  readonly why: string;
  readonly strict: boolean;
})[];

describe('Wycheproof', () => {
  it.each(wycheproof)('tcId $id ($flag): $valid', ({ key, msg, sig, valid }) => {
    expect(verdicts(hex(key), hex(msg), hex(sig))).toEqual(all(valid));
    expect(verifyReference(hex(key), hex(msg), hex(sig), false)).toBe(valid);
  });

  it('covers every vector that the source marks invalid', () => {
    expect(wycheproof.filter(({ valid }) => !valid)).toHaveLength(63);
  });
});

describe('speccheck', () => {
  it.each(speccheck)('case $id, $why: $strict', ({ key, msg, sig, strict }) => {
    expect(verdicts(hex(key), hex(msg), hex(sig))).toEqual(all(strict));
  });

  it('differs from the cofactored rule of RFC 8032 in these cases only', () => {
    // 0 to 2: A or R is of small order, where a signature binds nobody. 4 and 5: A and R have parts of small order that
    // do not cancel, which only the equation times 8 forgives.
    const differing = speccheck.filter(
      ({ key, msg, sig, strict }) => verifyReference(hex(key), hex(msg), hex(sig), true) !== strict,
    );
    expect(differing.map(({ id }) => id)).toEqual([0, 1, 2, 4, 5]);
  });
});

describe('points with a part of small order', () => {
  const torsion = SMALL_ORDER.map((encoded) => decodePoint(hex(encoded))).filter(
    (point) => point !== undefined,
  );
  const scalar = fc.bigInt({ min: 1n, max: L - 1n });
  const torsionPoint = fc.constantFrom(...torsion);

  it('are eight, and every one of their encodings is refused as A and as R', () => {
    expect(new Set(torsion.map((point) => encodePoint(point).join())).size).toBe(8);
    expect(torsion.every(isSmallOrder)).toBe(true);
    for (const a of SMALL_ORDER) {
      for (const r of SMALL_ORDER) {
        const signature = Uint8Array.from([...hex(r), ...new Uint8Array(32)]);
        expect(verdicts(hex(a), Uint8Array.of(1), signature)).toEqual(all(false));
      }
    }
  });

  it('are accepted by both engines exactly where the equation without the cofactor holds', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        scalar,
        scalar,
        torsionPoint,
        torsionPoint,
        fc.uint8Array({ maxLength: 8 }),
        (a, r, t, u, message) => {
          const key = encodePoint(add(multiplyBase(a), t));
          const encodedR = encodePoint(add(multiplyBase(r), u));
          const s = (r + challenge(encodedR, key, message) * a) % L;
          const signature = Uint8Array.from([...encodedR, ...bytesOf(s)]);
          const expected = verifyReference(key, message, signature, false);
          accepted += expected ? 1 : 0;
          expect(verdicts(key, message, signature)).toEqual(all(expected));
          expect(verifyReference(key, message, signature, true)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('give one verdict whatever else is changed', () => {
    const place = fc.nat({ max: 103 });
    fc.assert(
      fc.property(scalar, scalar, place, fc.nat({ max: 7 }), fc.nat({ max: 15 }), (a, r, at, bit, times) => {
        const key = encodePoint(multiplyBase(a));
        const encodedR = encodePoint(multiplyBase(r));
        const message = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
        // S + times·L is the same number to a verifier that does not check its range; up to 15 times fit 256 bits.
        const s = ((r + challenge(encodedR, key, message) * a) % L) + BigInt(times) * L;
        const whole = Uint8Array.from([...encodedR, ...bytesOf(s), ...key, ...message]);
        expect(verdicts(whole.slice(64, 96), whole.slice(96), whole.slice(0, 64))).toEqual(all(times === 0));
        whole[at] = (whole[at] ?? 0) ^ (1 << bit);
        expect(verdicts(whole.slice(64, 96), whole.slice(96), whole.slice(0, 64))).toEqual(all(false));
      }),
      { numRuns: 60 },
    );
  });
});
