import { describe, expect, it } from 'vitest';
import { codeOf } from './errors.js';
import { readAge } from './age.js';

describe('readAge', () => {
  it('reads seconds, minutes, hours and days', () => {
    expect(['90s', '30m', '12h', '7d', '0d'].map((text) => readAge('older-than', text))).toEqual([
      90_000, 1_800_000, 43_200_000, 604_800_000, 0,
    ]);
  });

  it.each(['', '7', 'd', '7w', '-1d', '1.5h', '9999d', ' 7d'])('refuses %o', (text) => {
    let code: unknown;
    try {
      readAge('older-than', text);
    } catch (error) {
      code = codeOf(error);
    }
    expect(code).toBe('usage.age');
  });
});
