import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { findFirst, findLast, splitText } from './search.js';

/** Texts of two letters, in which long parts are found and nearly found. */
const word = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength });
const pair = fc
  .tuple(word(33, 40), fc.array(fc.oneof(word(0, 3), fc.constant('part')), { maxLength: 6 }))
  .map(
    ([part, pieces]) => [pieces.map((piece) => (piece === 'part' ? part : piece)).join(''), part] as const,
  );

describe('searching in text', () => {
  it('finds long parts where the built-in search finds them', () => {
    fc.assert(
      fc.property(pair, fc.nat(80), ([text, part], from) => {
        expect(findFirst(text, part, from)).toBe(text.indexOf(part, from));
        expect(findLast(text, part, from)).toBe(text.lastIndexOf(part, from));
        expect(splitText(text, part)).toEqual(text.split(part));
      }),
    );
  });

  it('takes no longer for parts that are nearly everywhere', () => {
    const text = 'a'.repeat(1_000_000);
    const part = `${'a'.repeat(25_000)}b${'a'.repeat(25_000)}`;
    const before = process.cpuUsage();
    expect([findFirst(text, part), findLast(text, part, text.length), splitText(text, part).length]).toEqual([
      -1, -1, 1,
    ]);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(1_000_000);
  });
});
