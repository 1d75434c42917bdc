import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compilePattern, testPattern } from './pattern.js';

const matches = (pattern: string, text: string) => testPattern(compilePattern(pattern), text);

/** Patterns that JavaScript reads alike, over a small alphabet so that matches are frequent. */
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\d',
      '\\W',
      '[a-c1]',
      '^',
      '$',
      '\\b',
      '\\B',
      'é',
      '\\.',
    ),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,2}?', '*?', '{2,}'))
      .map(([a, count]) => `(?:${a})${count}`),
  ),
})).node;

describe('patterns', () => {
  // Without characters beyond U+FFFF: the built-in engine sees a \B between their halves, RE2 does not.
  it('agree with the built-in engine on whether they match', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n', 'é', '.'), maxLength: 12 }),
        (source, text) => {
          expect(matches(source, text)).toBe(new RegExp(source, 'u').test(text));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['(?i)héL', 'xHÉLx', true],
    ['(?i:a)b', 'Ab', true],
    ['(?i:a)b', 'AB', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?s)a.b', 'a\nb', true],
    ['[[:alpha:]]+\\z', '12ab', true],
    ['[^[:digit:]]', '12', false],
    ['\\p{L}', '1é', true],
    ['\\P{Greek}', 'α', false],
    ['\\p{^L}', 'é', false],
    ['\\x41\\x{1F600}', 'A😀', true],
    ['(?P<year>\\d{4})', 'in 2024', true],
    ['(?i)a(?-i)b', 'AB', false],
    ['(?i)a(?-i:b)C', 'Abc', true],
    ['(?is-m:a.B)', 'A\nb', true],
    ['(?U)a+', 'aa', true],
    ['\\Qa.b\\E+', 'a.b', true],
    ['^\\Qa.b', 'acb', false],
    ['^\\Qab\\E{2}$', 'abb', true],
    ['\\Q\\E', '', true],
    ['\\Q(?=', '(?=', true],
    ['[[:punct:]]', 'a-b', true],
    ['[[:^graph:]]', 'a b', true],
    ['[[:blank:]]', '\n', false],
    ['a{,2}', 'a{,2}', true],
    ['[]a]', ']', true],
    ['[a\\-z]', '-', true],
    ['', 'x', true],
    ['a\\B', '1😀b', false],
    ['1\\B', '1😀b', false],
    ['^..$', '1😀', true],
  ])('%s on %j is %s', (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  it.each([
    '(',
    ')',
    '(?=a)',
    '(?<!a)b',
    '(?)',
    '(?-:a)',
    '(?x)a',
    '(a)\\1',
    '[',
    '[z-a]',
    '*a',
    'a**',
    'a{2}{3}',
    'a{5,2}',
    'a{2000}',
    '\\',
    '\\q',
    '\\p{Nope}',
    '\\x{110000}',
    '^*',
    '((((a{99}){99}){99}){99})',
    `${'('.repeat(70)}a${')'.repeat(70)}`,
  ])('refuses %s', (source) => {
    expect(() => compilePattern(source)).toThrow(
      expect.objectContaining({ code: 'pattern.invalid' }) as Error,
    );
  });

  it('never throws anything but its own error', () => {
    const part = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '?',
      '*',
      '+',
      '\\',
      '^',
      '$',
      '|',
      '-',
      ':',
      'a',
      '1',
      ',',
      'p',
      'i',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.string({ unit: part, maxLength: 30 }), (source) => {
        try {
          matches(source, 'a1-😀');
        } catch (error) {
          expect(error).toMatchObject({ name: 'WorkflowError' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('gives up on a text that is too long for the pattern instead of running on', () => {
    expect(() => matches('(a?){500}(a?){500}b', 'a'.repeat(30_000))).toThrow(
      expect.objectContaining({ code: 'pattern.budget' }) as Error,
    );
  });
});
