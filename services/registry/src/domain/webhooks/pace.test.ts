import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, nextAttemptMs, pauseMs } from './pace.js';

const HOUR_MS = 3_600_000;

describe('the attempts of a delivery', () => {
  it('are spread over about a day, farther and farther apart', () => {
    const waits = Array.from(
      { length: MAX_ATTEMPTS - 1 },
      (_, i) => nextAttemptMs(i + 1, 0.5, undefined) ?? 0,
    );
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    const total = waits.reduce((sum, wait) => sum + wait, 0);
    expect(total).toBeGreaterThan(20 * HOUR_MS);
    expect(total).toBeLessThan(28 * HOUR_MS);
  });

  it('end', () => {
    expect(nextAttemptMs(MAX_ATTEMPTS, 0.5, undefined)).toBeUndefined();
    expect(nextAttemptMs(MAX_ATTEMPTS + 1, 0.5, 1_000)).toBeUndefined();
  });

  it('are never sooner than the receiver asks for, and never later than in about eight hours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 1_000 * HOUR_MS }), { nil: undefined }),
        (attempts, random, retryAfterMs) => {
          const wait = nextAttemptMs(attempts, random, retryAfterMs) ?? -1;
          expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, 8 * HOUR_MS));
          expect(wait).toBeGreaterThanOrEqual(4_000);
          expect(wait).toBeLessThanOrEqual(8 * HOUR_MS * 1.2);
        },
      ),
    );
  });
});

describe('an endpoint that fails', () => {
  it('is left alone for longer and longer, up to five minutes', () => {
    expect([1, 2, 3, 8, 9, 1_000_000].map(pauseMs)).toEqual([2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
  });
});
