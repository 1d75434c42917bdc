import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isNewer } from './update.js';

it.each([
  ['1.2.4', '1.2.3', true],
  ['1.10.0', '1.9.9', true],
  ['2.0.0', '1.99.99', true],
  ['1.2.3', '1.2.3', false],
  ['1.2.3', '1.3.0', false],
  ['1.3.0-rc.1', '1.2.0', false],
  ['1.3.0\u001b[2J', '1.2.0', false],
  ['constructor', '1.2.0', false],
])('%s is newer than %s: %s', (version, than, expected) => {
  expect(isNewer(version, than)).toBe(expected);
});

it('never takes two versions each for newer than the other', () => {
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect([isNewer(a, b), isNewer(b, a)].filter(Boolean)).toHaveLength(a === b ? 0 : 1);
    }),
  );
});
