import { expect, it } from 'vitest';
import { sha256, sha256Hex } from './digest.js';
import { sha256HexOfShort, sha256OfShort } from './short-hash.js';

it('is the same hash as that of the platform', () => {
  for (let length = 0; length < 300; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    expect(sha256OfShort(bytes)).toEqual(sha256(bytes));
    expect(sha256HexOfShort(bytes)).toBe(sha256Hex(bytes));
  }
});
