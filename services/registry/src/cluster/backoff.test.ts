import { expect, test } from 'vitest';
import { createBackoff } from './backoff.js';

test('workers that die of how they are started are replaced after longer and longer, up to ten seconds', () => {
  const backoff = createBackoff();
  const delays = Array.from({ length: 9 }, () => backoff.next({ servedMs: 0, othersServe: true }));
  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('one that had served is replaced at once, however many died before and however soon', () => {
  const backoff = createBackoff();
  for (let death = 0; death < 9; death += 1) {
    expect(backoff.next({ servedMs: 999, othersServe: true })).toBe(100);
    expect(backoff.next({ servedMs: 1_000, othersServe: true })).toBe(50);
  }
});

test('while nobody serves it is tried twice a second', () => {
  const backoff = createBackoff();
  for (let death = 0; death < 50; death += 1) {
    const delayMs = backoff.next({ servedMs: 0, othersServe: false });
    expect(delayMs).toBeLessThanOrEqual(500);
  }
  expect(backoff.next({ servedMs: 0, othersServe: true })).toBe(10_000);
});
