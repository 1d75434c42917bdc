import { describe, expect, it } from 'vitest';
import { describeUsage } from './release-state.js';

describe('describeUsage', () => {
  const versions = [
    { version: '1.1.0', downloads: 1200 },
    { version: '1.0.0', downloads: 1 },
    { version: '0.9.0' },
  ];

  it('says how many may be affected', () => {
    expect(describeUsage('1.1.0', { versions })).toEqual(['fetched 1,200 times so far']);
    expect(describeUsage('1.0.0', { versions })).toEqual(['fetched 1 time so far']);
  });

  it('says nothing where the registry does not', () => {
    expect(describeUsage('0.9.0', { versions })).toEqual([]);
    expect(describeUsage('2.0.0', { versions })).toEqual([]);
  });
});
