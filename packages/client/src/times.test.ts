import { describe, expect, it } from 'vitest';
import { thrown } from './testing/failure.js';
import { assertTime, formatDay, formatTimeMs } from './times.js';

describe('a time that others wrote', () => {
  it('is told as a date to the last one that there is, and in words after it', () => {
    expect(formatTimeMs(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(formatTimeMs(8.64e15)).toBe('+275760-09-13T00:00:00.000Z');
    expect(formatTimeMs(8.64e15 + 1)).toBe('a day that no calendar has');
    expect(formatDay(1_800_000_000)).toBe('2027-01-15');
    expect(formatDay(8.64e12)).toBe('+275760-09-13');
    expect(formatDay(Number.MAX_SAFE_INTEGER)).toBe('a day that no calendar has');
    expect(formatDay(Number.NaN)).toBe('a day that no calendar has');
  });

  it('is refused in a leaf when no calendar has it', async () => {
    assertTime(3, { t: 8.64e12 });
    const error = await thrown(() => {
      assertTime(3, { t: 8.64e12 + 1 });
    }, 'leaf.invalid');
    expect(error.message).toContain('log index 3');
  });
});
