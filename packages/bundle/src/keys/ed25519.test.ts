import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { findHex, hexOf } from '../encoding/bytes.js';
import { platform as browser } from '../platform/browser.js';
import { platform as node } from '../platform/node.js';
import { RFC_8032, SMALL_ORDER } from '../testing/ed25519-vectors.js';
import { isStrictPoint, isStrictSignature, signEd25519, verifyEd25519 } from './ed25519.js';
import { signingKeyFromSeed } from './signing-key.js';

function hex(text: string): Uint8Array {
  const bytes = findHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with S + L: what a verifier without the range check takes for another valid one. */
function malleated(signature: Uint8Array): Uint8Array {
  let s = BigInt(`0x${hexOf(signature.slice(32).reverse())}`) + ORDER;
  const changed = Uint8Array.from(signature);
  for (let i = 32; i < 64; i++, s >>= 8n) changed[i] = Number(s & 255n);
  return changed;
}

/** Both engines behind the strict checks. */
function verdicts(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): readonly boolean[] {
  const strict = isStrictSignature(publicKey, signature);
  return [node, browser].map((engine) => strict && engine.ed25519Verify(publicKey, message, signature));
}

describe('RFC 8032', () => {
  it.each(RFC_8032)('vector of seed %s', (seed, publicKey, message, signature) => {
    const key = signingKeyFromSeed(hex(seed));
    expect(hexOf(key.publicKey.raw)).toBe(publicKey);
    expect(hexOf(signEd25519(key, hex(message)))).toBe(signature);
    expect(verifyEd25519(hex(publicKey), hex(message), hex(signature))).toBe(true);
    for (const engine of [node, browser]) {
      expect(hexOf(engine.ed25519PublicKey(hex(seed)))).toBe(publicKey);
      expect(hexOf(engine.ed25519Sign(hex(seed), hex(publicKey), hex(message)))).toBe(signature);
      expect(engine.ed25519Verify(hex(publicKey), hex(message), hex(signature))).toBe(true);
    }
  });
});

describe('verifyEd25519', () => {
  it('refuses S + L, which bare tweetnacl accepts', () => {
    const [[seed, publicKey, message, signature] = ['', '', '', '']] = RFC_8032;
    expect(seed).not.toBe('');
    const forged = malleated(hex(signature));
    expect(nacl.sign.detached.verify(hex(message), forged, hex(publicKey))).toBe(true);
    expect(verifyEd25519(hex(publicKey), hex(message), forged)).toBe(false);
  });

  it('refuses a small-order key, for which anyone can sign anything with bare tweetnacl', () => {
    const identity = hex(`01${'00'.repeat(31)}`);
    const forged = hex(`01${'00'.repeat(63)}`);
    expect(nacl.sign.detached.verify(Uint8Array.of(1, 2, 3), forged, identity)).toBe(true);
    expect(verifyEd25519(identity, Uint8Array.of(1, 2, 3), forged)).toBe(false);
  });

  it.each(SMALL_ORDER)('refuses %s as a key and as R', (encoded) => {
    expect(isStrictPoint(hex(encoded))).toBe(false);
  });

  it('refuses every y from p upwards, and takes p - 2', () => {
    for (let low = 0xed; low <= 0xff; low++) {
      for (const high of ['7f', 'ff']) {
        expect(isStrictPoint(hex(`${low.toString(16)}${'ff'.repeat(30)}${high}`))).toBe(false);
      }
    }
    expect(isStrictPoint(hex(`eb${'ff'.repeat(30)}7f`))).toBe(true);
  });

  it('refuses wrong lengths', () => {
    const key = signingKeyFromSeed(new Uint8Array(32));
    const signature = signEd25519(key, new Uint8Array(0));
    expect(verifyEd25519(key.publicKey.raw, new Uint8Array(0), signature.subarray(0, 63))).toBe(false);
    expect(verifyEd25519(key.publicKey.raw, new Uint8Array(0), new Uint8Array(65))).toBe(false);
    expect(verifyEd25519(key.publicKey.raw.subarray(0, 31), new Uint8Array(0), signature)).toBe(false);
  });

  it('refuses S = L and accepts nothing for it', () => {
    const key = signingKeyFromSeed(new Uint8Array(32));
    const signature = Uint8Array.from(signEd25519(key, new Uint8Array(0)));
    let s = ORDER;
    for (let i = 32; i < 64; i++, s >>= 8n) signature[i] = Number(s & 255n);
    expect(isStrictSignature(key.publicKey.raw, signature)).toBe(false);
    signature[32] = (signature[32] ?? 0) - 1;
    expect(isStrictSignature(key.publicKey.raw, signature)).toBe(true);
  });

  it('gives one verdict with either engine, whatever is changed', () => {
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(
        bytes32,
        fc.uint8Array({ maxLength: 40 }),
        fc.nat({ max: 95 }),
        fc.nat({ max: 255 }),
        bytes32,
        (seed, message, at, flip, noise) => {
          const key = signingKeyFromSeed(seed);
          const changed = Uint8Array.from([...signEd25519(key, message), ...key.publicKey.raw]);
          changed[at] = (changed[at] ?? 0) ^ flip;
          const [a, b] = verdicts(changed.subarray(64), message, changed.subarray(0, 64));
          expect(a).toBe(b);
          expect(a).toBe(flip === 0);
          const [c, d] = verdicts(noise, message, changed.subarray(0, 64));
          expect(c).toBe(d);
        },
      ),
      { numRuns: 60 },
    );
  });
});
