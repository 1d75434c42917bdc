import { expect, test } from 'vitest';
import { createBackoff } from './backoff.js';

test('workers that die soon are replaced after longer and longer, up to ten seconds', () => {
  const backoff = createBackoff();
  const delays = Array.from({ length: 9 }, () => backoff.next(10));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('one that lived for a minute is replaced at once', () => {
  const backoff = createBackoff();
  for (let death = 0; death < 5; death += 1) backoff.next(10);
  expect(backoff.next(60_000)).toBe(100);
  expect(backoff.next(10)).toBe(200);
});
