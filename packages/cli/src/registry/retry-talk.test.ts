import { describe, expect, it } from 'vitest';
import { createRetryTalk } from './retry-talk.js';

describe('createRetryTalk', () => {
  it('tells each attempt once when two requests fail side by side', () => {
    let nowMs = 0;
    const isNews = createRetryTalk(() => nowMs);
    const told = [
      [0, 1, 900],
      [2, 1, 600],
      [603, 2, 1500],
      [903, 2, 700],
      [1604, 3, 900],
      [2104, 3, 900],
    ].map(([atMs = 0, attempt = 0, delayMs = 0]) => {
      nowMs = atMs;
      return isNews({ attempt, delayMs });
    });
    expect(told).toEqual([true, false, true, false, true, false]);
  });

  it('tells the first attempt again of a request that comes later', () => {
    let nowMs = 0;
    const isNews = createRetryTalk(() => nowMs);
    expect(isNews({ attempt: 1, delayMs: 500 })).toBe(true);
    nowMs = 500;
    expect(isNews({ attempt: 1, delayMs: 500 })).toBe(true);
  });
});
