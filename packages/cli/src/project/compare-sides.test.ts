import { describe, expect, it } from 'vitest';
import { compareSigners } from './compare-sides.js';

describe('who signs what would be locked', () => {
  it.each([
    ['the same keys in another order', ['a', 'b'], 'token', ['b', 'a'], 'token', 'same'],
    ['another key', ['a'], 'token', ['b'], 'token', 'changed'],
    [
      'jobs of one CI, which may be of two repositories',
      ['a'],
      'oidc:github',
      ['b'],
      'oidc:github',
      'unknown',
    ],
    ['jobs of two CIs', ['a'], 'oidc:github', ['b'], 'oidc:gitlab', 'changed'],
    ['a job after a person', ['a'], 'token', ['b'], 'oidc:github', 'changed'],
    ['a person after a job', ['a'], 'oidc:github', ['b'], 'token', 'changed'],
  ])('is told for %s', (_, before, via, after, viaAfter, answer) => {
    const now = { signers: before, publishedVia: via };
    expect(compareSigners(now, { signers: after, publishedVia: viaAfter })).toBe(answer);
  });
});
