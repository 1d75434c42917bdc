import { describe, expect, it } from 'vitest';
import { assertReplacement, describeUsage } from './release-state.js';

describe('describeUsage', () => {
  const versions = [
    { version: '1.1.0', downloads: 1200 },
    { version: '1.0.0', downloads: 1 },
    { version: '0.9.0' },
  ];

  it('says how many may be affected', () => {
    expect(describeUsage('1.1.0', { versions }, 0)).toEqual(['fetched 1,200 times so far']);
    expect(describeUsage('1.0.0', { versions }, 0)).toEqual(['fetched 1 time so far']);
  });

  it('says nothing where the registry does not', () => {
    expect(describeUsage('0.9.0', { versions }, 0)).toEqual([]);
    expect(describeUsage('2.0.0', { versions }, 0)).toEqual([]);
  });
});

describe('a replacement', () => {
  it('is a reference, and everybody reads it, whatever they call the registry', () => {
    expect(() => {
      assertReplacement('acme/other@^2');
    }).not.toThrow();
    expect(() => {
      assertReplacement('other');
    }).toThrow(expect.objectContaining({ code: 'reference.invalid' }));
    expect(() => {
      assertReplacement('corp:acme/other@^2');
    }).toThrow(
      expect.objectContaining({
        code: 'usage.reference',
        hint: ['it is one of the same registry: --replacement acme/other@^2'],
      }),
    );
  });
});
