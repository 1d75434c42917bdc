import { expect, test } from 'vitest';
import { createTokenCache } from './token-cache.js';

test('knows a token until its time', () => {
  const cache = createTokenCache<string>(2);
  cache.keep('secret', 'ana', 100);
  expect(cache.find('secret', 99)).toBe('ana');
  expect(cache.find('other', 99)).toBeUndefined();
  expect(cache.find('secret', 100)).toBeUndefined();
});

test('never holds more than it may', () => {
  const cache = createTokenCache<number>(2);
  for (const n of [1, 2, 3]) cache.keep(`token ${n}`, n, 100);
  expect([1, 2, 3].map((n) => cache.find(`token ${n}`, 0))).toEqual([undefined, 2, 3]);
});
