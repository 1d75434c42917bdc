import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compileGlob, isWithinGlobBudget } from './glob.js';
import { compileProgram, runProgram, wordsOf } from './glob-program.js';

/** What a glob means, said by recursion: slow, and too short to be wrong. */
function means(glob: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return path.length === 0;
  if (first === '**') return means(rest, path) || (path.length > 0 && means(glob, path.slice(1)));
  const [segment, ...others] = path;
  return segment !== undefined && fits(Array.from(first), Array.from(segment)) && means(rest, others);
}

function fits(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '*') return fits(rest, text) || (text.length > 0 && fits(pattern, text.slice(1)));
  return text.length > 0 && (first === '?' || first === text[0]) && fits(rest, text.slice(1));
}

const part = fc
  .string({ unit: fc.constantFrom('a', 'b', '*', '?', 'é', '😀'), minLength: 1, maxLength: 5 })
  .map((text) => text.replaceAll(/\*+/g, '*'));
const glob = fc
  .array(fc.oneof({ weight: 3, arbitrary: part }, { weight: 1, arbitrary: fc.constant('**') }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('/'));
const path = fc.string({ unit: fc.constantFrom('a', 'a', 'b', '/', 'é', '😀'), maxLength: 10 });

const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const PATHS = many(10_000, (i) => `${'a'.repeat(190)}${i}`.padEnd(200, 'c'));
/** Each list is as bad as it can be for one way to match. */
const LISTS: readonly (readonly [title: string, globs: readonly string[]])[] = [
  ['a star before text that almost fits', many(128, (i) => `*${'a'.repeat(47)}b${i}`)],
  ['text between stars', many(128, (i) => `*${'a'.repeat(99)}b*${i}`)],
  ['many stars', many(128, (i) => `${'*a'.repeat(98)}${i}`)],
  ['many marks', many(128, (i) => `*${'?'.repeat(190)}${i}`)],
  ['folders over folders', many(128, (i) => `${'**/*a*/'.repeat(27)}${i}`)],
];

describe('glob programs', () => {
  it('match what the meaning of the glob says', () => {
    let matched = 0;
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        const expected = means(pattern.split('/'), text.split('/'));
        matched += expected ? 1 : 0;
        expect([compileGlob(pattern)(text), pattern, text]).toEqual([expected, pattern, text]);
      }),
      { numRuns: 5000 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it.each([31, 32, 33, 63, 64, 65, 96, 190])('carry states over the ends of words: %i', (length) => {
    const text = 'a'.repeat(length);
    for (const shape of [`${text}*b`, `*${text}b`, `**/${text}/**/*b`, `${text}/**`, `${text}?*?b`]) {
      const matches = compileGlob(shape);
      const hit = shape.replace('**/*b', 'b').replace('**/', '').replaceAll(/\*+/g, '').replaceAll('?', 'x');
      expect([matches(hit.replace(/\/$/, '')), shape]).toEqual([true, shape]);
      expect([matches(hit.slice(1)), shape]).toEqual([false, shape]);
    }
  });

  it.each(LISTS)('touch no more words than a path is long: %s', (_title, globs) => {
    for (const text of globs) {
      const work = { steps: 0 };
      const program = compileProgram(text);
      const paths = PATHS.slice(0, 20);
      for (const each of paths) runProgram(program, each, work);
      expect(work.steps).toBeLessThanOrEqual(wordsOf(text) * paths.length * 201);
    }
  });
});

describe('the budget of globs', () => {
  it.each(LISTS)('is below what the longest lists over the longest paths need: %s', (_title, globs) => {
    expect(isWithinGlobBudget(globs, PATHS)).toBe(false);
  });

  it('is enough for a large bundle', () => {
    const globs = many(40, (i) => `packages/part-${i}/**/*.json`);
    expect(
      isWithinGlobBudget(
        globs,
        many(10_000, (i) => `packages/part-${i}/a/folder/or/two/and-then-a-name-${i}.json`),
      ),
    ).toBe(true);
  });

  it.each(LISTS)('bounds the work that is done: %s', (_title, globs) => {
    const half = globs.slice(0, 64);
    const paths = PATHS.slice(
      0,
      PATHS.findIndex((_, at) => !isWithinGlobBudget(half, PATHS.slice(0, at + 1))),
    );
    expect(paths.length).toBeGreaterThan(100);
    const work = { steps: 0 };
    for (const program of half.map(compileProgram)) for (const each of paths) runProgram(program, each, work);
    expect(work.steps).toBeLessThanOrEqual(2 ** 25);
  });
});
