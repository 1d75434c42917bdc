import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordsOf } from './words.js';

const texts = (text: string) => wordsOf(text, 100).map(({ text: word }) => word);

test.each([
  ['Release-Notes of_the REPO', ['release', 'notes', 'of', 'the', 'repo']],
  ['naïve Café', ['naive', 'cafe']],
  ['ＦＵＬＬ ｗｉｄｔｈ', ['full', 'width']],
  ['🚀 go!', ['go']],
  ['翻訳術語', ['翻訳', '訳術', '術語']],
  ['語', ['語']],
  ['!@#$%^&*()', []],
  ['v1.2.3', ['v1', '2', '3']],
])('%j has the words %j', (text, expected) => {
  expect(texts(text)).toEqual(expected);
});

test.each([
  ['GitHub', ['git', 'hub']],
  ['HTTPServer', ['http', 'server']],
  ['parseURLs2', ['parse', 'ur', 'ls2']],
  ['Git', undefined],
  ['GIT', undefined],
])('%s is found by its parts %j as well', (text, parts) => {
  expect(wordsOf(text, 10)[0]?.parts).toEqual(parts);
});

test('a long word is cut between characters', () => {
  // One letter, and then letters of two code units each.
  expect(texts(`a${'\u{10428}'.repeat(60)}`)).toEqual([`a${'\u{10428}'.repeat(23)}`]);
  expect(texts('\u{10428}'.repeat(60))).toEqual(['\u{10428}'.repeat(24)]);
});

test('any text has at most so many words, each short, in lower case and of letters and digits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const words = wordsOf(text, 16);
      expect(words.length).toBeLessThanOrEqual(16);
      for (const { text: word } of words) {
        expect(word.length).toBeLessThanOrEqual(64);
        expect(word.isWellFormed()).toBe(true);
        expect(word).not.toMatch(/[\s'\\:&|!()*]/u);
      }
    }),
  );
});
