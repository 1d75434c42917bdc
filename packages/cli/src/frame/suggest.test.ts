import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, findNear } from './suggest.js';

describe('findNear', () => {
  it('finds a verb with a letter missing, doubled or swapped', () => {
    const verbs = ['publish', 'pack', 'plan'];
    expect(findNear('pubish', verbs)).toBe('publish');
    expect(findNear('publsih', verbs)).toBe('publish');
    expect(findNear('PLAN', verbs)).toBe('plan');
  });

  it('suggests nothing for a word that is like none', () => {
    expect(findNear('xyzzy', ['publish', 'pack'])).toBeUndefined();
    expect(findNear('list', ['init', 'plan'])).toBeUndefined();
    expect(findNear('install', ['validate', 'info'])).toBeUndefined();
  });
});

describe('editDistance', () => {
  it('is symmetric, and zero only for the same word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it('counts a swap of neighbours once', () => {
    expect(editDistance('relase', 'relaes')).toBe(1);
  });
});
