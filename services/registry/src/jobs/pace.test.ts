import { describe, expect, it } from 'vitest';
import { retryBreakMs } from './pace.js';

describe('a job that fails', () => {
  it('waits twice as long each time, up to five minutes', () => {
    expect([1, 2, 3, 9, 10, 5_000].map((n) => retryBreakMs(n, false, 0.5))).toEqual([
      1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('looks for a database that is away every ten seconds at most', () => {
    expect(retryBreakMs(50, true, 0.5)).toBe(10_000);
  });

  it('does not wait as long as another one beside it', () => {
    expect(retryBreakMs(1, false, 0)).toBe(750);
    expect(retryBreakMs(1, false, 0.999)).toBe(1_250);
  });
});
