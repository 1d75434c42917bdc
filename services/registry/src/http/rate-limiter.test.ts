import { expect, test } from 'vitest';
import { createRateLimiter } from './rate-limiter.js';

function createClocked(maxKeys?: number) {
  const clock = { nowMs: 1000 };
  return { clock, limiter: createRateLimiter(() => clock.nowMs, maxKeys) };
}

test('a minute’s worth may come at once, then as fast as it is gained', () => {
  const { clock, limiter } = createClocked();
  for (let i = 0; i < 60; i += 1) expect(limiter.take('a', 1, 60).isAllowed).toBe(true);
  expect(limiter.take('a', 1, 60)).toMatchObject({
    isAllowed: false,
    remaining: 0,
    resetSeconds: 60,
    retryAfterSeconds: 1,
  });
  clock.nowMs += 2000;
  expect(limiter.take('a', 2, 60)).toMatchObject({ isAllowed: true, remaining: 0, retryAfterSeconds: 0 });
  expect(limiter.take('b', 1, 60).isAllowed).toBe(true);
});

test('one who waits as long as he is told is let in', () => {
  const { clock, limiter } = createClocked();
  limiter.take('a', 100, 100);
  const { retryAfterSeconds, isAllowed } = limiter.take('a', 5, 100);
  expect(isAllowed).toBe(false);
  clock.nowMs += retryAfterSeconds * 1000;
  expect(limiter.take('a', 5, 100).isAllowed).toBe(true);
});

test('a request that costs more than a minute gives is not refused for ever', () => {
  const { limiter } = createClocked();
  expect(limiter.take('a', 5, 2).isAllowed).toBe(true);
});

test('a clock that runs backwards gives nothing and takes nothing', () => {
  const { clock, limiter } = createClocked();
  limiter.take('a', 1, 60);
  clock.nowMs -= 900;
  expect(limiter.take('a', 1, 60).remaining).toBe(58);
});

test('memory is bounded however many ask, and those who come often are remembered', () => {
  const { limiter } = createClocked(100);
  for (let i = 0; i < 10_000; i += 1) {
    limiter.take(`one-time ${i}`, 1, 60);
    limiter.take('often', 0, 60);
    if (i === 0) limiter.take('often', 60, 60);
  }
  expect(limiter.keys).toBeLessThanOrEqual(200);
  expect(limiter.take('often', 1, 60).isAllowed).toBe(false);
});

test('a limit of 0 lets nobody in', () => {
  const { clock, limiter } = createClocked();
  expect(limiter.take('a', 1, 0)).toMatchObject({ isAllowed: false, remaining: 0, retryAfterSeconds: 60 });
  clock.nowMs += 3_600_000;
  expect(limiter.take('a', 0, 0).isAllowed).toBe(false);
});
