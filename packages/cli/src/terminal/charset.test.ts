import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takesUtf8, toAscii } from './charset.js';
import { widthOf } from './text.js';

it.each([
  [{}, true],
  [{ LANG: '' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'de_DE.ISO-8859-1' }, false],
  [{ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
])('reads from %j whether a terminal takes UTF-8: %s', (env: Record<string, string>, expected) => {
  expect(takesUtf8(env)).toBe(expected);
});

it('writes the signs of sheaf in ASCII', () => {
  expect(toAscii('✓ log 0.3 s · 9c1f…e07a → 日é')).toBe('+ log 0.3 s - 9c1f~e07a > ???');
});

it('keeps the width of every text, and ASCII as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const ascii = toAscii(text);
      expect(widthOf(ascii)).toBe(widthOf(text));
      expect(ascii).toMatch(/^[\0-\x7f]*$/);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => toAscii(text) === text));
});
