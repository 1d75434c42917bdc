import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkClocks } from './log-time.js';

const clocks = (ownSeconds: number, lastSeconds = 0) => ({
  ownSeconds,
  databaseSeconds: 10_000,
  lastSeconds,
});

test('a clock that is more than an hour ahead of the database does not sign', () => {
  expect(checkClocks('a/log', clocks(13_600))).toBe('ok');
  expect(() => checkClocks('a/log', clocks(13_601))).toThrow(
    expect.objectContaining({ code: 'log.frozen', hint: expect.stringContaining('NTP') as string }),
  );
});

test('a clock that is behind signs, with the time of the log', () => {
  expect(checkClocks('a/log', clocks(0, 10_000))).toBe('ok');
});

test('a log whose time is more than an hour ahead is told of, and its time is raised no further', () => {
  expect(checkClocks('a/log', clocks(10_000, 13_600))).toBe('ok');
  expect(checkClocks('a/log', clocks(10_000, 13_601))).toBe('time_ahead');
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (ownSeconds, lastSeconds) => {
      let said;
      try {
        said = checkClocks('a/log', clocks(ownSeconds, lastSeconds));
      } catch {
        return;
      }
      if (said === 'time_ahead') expect(Math.max(lastSeconds, ownSeconds)).toBe(lastSeconds);
    }),
  );
});
