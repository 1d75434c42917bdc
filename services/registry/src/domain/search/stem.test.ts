import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stem } from './stem.js';

/** As the `english_stem` dictionary of PostgreSQL 18 answers. */
test.each([
  ['releases', 'releas'],
  ['released', 'releas'],
  ['releasing', 'releas'],
  ['libraries', 'librari'],
  ['library', 'librari'],
  ['deployment', 'deploy'],
  ['deploys', 'deploy'],
  ['configuration', 'configur'],
  ['configurable', 'configur'],
  ['dependencies', 'depend'],
  ['dependency', 'depend'],
  ['rotational', 'rotat'],
  ['rationalize', 'ration'],
  ['hopefulness', 'hope'],
  ['generously', 'generous'],
  ['communism', 'communism'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['news', 'news'],
  ['succeed', 'succeed'],
  ['agreed', 'agre'],
  ['hopping', 'hop'],
  ['hoping', 'hope'],
  ['added', 'add'],
  ['falling', 'fall'],
  ['ties', 'tie'],
  ['gas', 'gas'],
  ['gaps', 'gap'],
  ['kiwis', 'kiwi'],
  ['happily', 'happili'],
  ['happy', 'happi'],
  ['say', 'say'],
  ['youth', 'youth'],
  ['analogy', 'analog'],
  ['adjustable', 'adjust'],
  ['electricity', 'electr'],
  ['formative', 'format'],
  ['controlling', 'control'],
  ['rate', 'rate'],
  ['cease', 'ceas'],
  ['a', 'a'],
  ['kubernetes', 'kubernet'],
])('%s has the stem %s', (word, expected) => {
  expect(stem(word)).toBe(expected);
});

test('words that are not English stay as they are', () => {
  for (const word of ['términos', '翻訳', 'x11s', 'v2', '']) expect(stem(word)).toBe(word);
});

test('a stem is never longer than its word by more than a letter, and begins like it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,40}$/), (word) => {
      const stemmed = stem(word);
      expect(stemmed.length).toBeLessThanOrEqual(word.length + 1);
      expect(stemmed.charAt(0)).toBe(word.charAt(0));
    }),
  );
});
