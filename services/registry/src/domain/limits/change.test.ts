import { expect, test } from 'vitest';
import { applyChange, namesLimit } from './change.js';

const expiresAt = new Date(1_000);
const before = { bytes: 5, versions: 2, reason: 'too much', expiresAt };

test('what is named changes, and the rest stays', () => {
  expect(applyChange(before, { requestsPerMinute: 3 })).toEqual({ ...before, requestsPerMinute: 3 });
  expect(applyChange(before, { versions: 0, reason: 'abuse' })).toEqual({
    bytes: 5,
    versions: 0,
    reason: 'abuse',
    expiresAt,
  });
  expect(applyChange(before, { expiresAt: null })).toEqual({ bytes: 5, versions: 2, reason: 'too much' });
  expect(applyChange(undefined, { namespaces: 7 })).toEqual({ namespaces: 7, reason: '' });
});

test('a limit that is taken back is the default again, and after the last one nothing is set', () => {
  expect(applyChange(before, { bytes: null })).toEqual({ versions: 2, reason: 'too much', expiresAt });
  expect(applyChange(before, { bytes: null, versions: null })).toBeUndefined();
  expect(applyChange(undefined, { bytes: null, reason: 'none' })).toBeUndefined();
});

test('a change names a limit when it sets one or takes one back, not when it says why or until when', () => {
  expect(namesLimit({ workflows: 0 })).toBe(true);
  expect(namesLimit({ namespaces: null })).toBe(true);
  expect(namesLimit({ bytes: undefined, reason: 'abuse', expiresAt })).toBe(false);
});
