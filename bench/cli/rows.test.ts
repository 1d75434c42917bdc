import { describe, expect, it } from 'vitest';
import { beyondNetwork, compared, percentile } from './rows.js';

const timings = new Map([
  ['bare', [20, 40, 20]],
  ['asking', [30, 60, 30]],
  ['verb', [50, 100, 70]],
]);

describe('rows', () => {
  it('hold a verb against its peer within each round', () => {
    expect(compared(timings, 'verb', 'bare', 2)).toMatchObject({ value: 70, ratio: 2.5, isMet: false });
    expect(compared(timings, 'asking', 'bare', 2)).toMatchObject({ ratio: 1.5, isMet: true });
  });

  it('take off what the same requests cost a bare Node', () => {
    expect(beyondNetwork(timings, 'verb', { bare: 'bare', asking: 'asking' }, 2)).toMatchObject({
      ratio: 2,
      isMet: true,
      note: 'net 60 ms, whole 2.50; p95 100 ms',
    });
  });

  it('know how long almost all took', () => {
    expect(percentile([5, 1, 3], 95)).toBe(5);
    expect(percentile([5, 1, 3, 2], 50)).toBe(2);
  });
});
