import { describe, expect, it } from 'vitest';
import { describeFetched } from './usage.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('how often versions were fetched', () => {
  it('is told of this week and in all', () => {
    const versions = [
      { downloads: 1200, downloadsByDay: { '2026-11-21': 3, '2026-11-15': 1, '2026-11-14': 50 } },
      { downloads: 1, downloadsByDay: { '2026-11-20': 1 } },
    ];
    expect(describeFetched(versions, NOW)).toBe('5 times this week, 1,201 times in all');
  });

  it('is nothing this week when the last days with downloads have passed', () => {
    const versions = [{ downloads: 2, downloadsByDay: { '2026-11-10': 2 } }, { downloads: 0 }];
    expect(describeFetched(versions, NOW)).toBe('0 times this week, 2 times in all');
    expect(describeFetched([{ downloads: 0 }], NOW)).toBe('0 times this week, 0 times in all');
  });

  it('counts a day that a slow clock has not reached', () => {
    expect(describeFetched([{ downloads: 1, downloadsByDay: { '2026-11-22': 1 } }], NOW)).toBe(
      '1 time this week, 1 time in all',
    );
  });

  it('is told as far as the registry says it', () => {
    expect(describeFetched([{ downloads: 2 }], NOW)).toBe('2 times so far');
    expect(describeFetched([{}], NOW)).toBeUndefined();
    expect(describeFetched([], NOW)).toBeUndefined();
  });
});
