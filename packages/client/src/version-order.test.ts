import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';
import {
  compareVersions,
  isHigherVersion,
  isInRange,
  isPrerelease,
  isVersionRange,
} from './version-order.js';

it.each([
  ['1.10.0', '1.9.0', true],
  ['1.0.0', '1.0.0', false],
  ['1.0.0', '1.0.0-rc.1', true],
  ['1.0.0-rc.1', '1.0.0', false],
  ['2', '1.0.0', false],
  ['1.0.0', 'x', false],
])('whether %s is higher than %s: %s', (version, than, isHigher) => {
  expect(isHigherVersion(version, than)).toBe(isHigher);
});

const numbers = fc.array(fc.nat(12), { minLength: 3, maxLength: 3 }).map((each) => each.join('.'));
const parts = fc.array(fc.constantFrom('0', '1', '10', 'alpha', 'alpha-1', 'rc', 'a1', 'B'), {
  maxLength: 3,
});
const versions = fc
  .tuple(numbers, parts, fc.constantFrom('', '+build', '+b-1.x'))
  .map(([core, prerelease, build]) =>
    [core, ...(prerelease.length === 0 ? [] : ['-', prerelease.join('.')]), build].join(''),
  );
const ranges = fc.oneof(
  fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }).map((each) => `^${each.join('.')}`),
  versions.map((version) => `^${version}`),
  fc.constantFrom(
    '*',
    '~1.2',
    '>=1.0.0 <3',
    '1.x',
    '^1.2.3 || ^2',
    '^01.2',
    '^1.02',
    '^',
    '^1.2.3.4',
    'latest',
  ),
);

describe('what is asked of versions without semver', () => {
  it('is what semver says of their order', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(Math.sign(compareVersions(a, b))).toBe(semver.compare(a, b));
        expect(isPrerelease(a)).toBe(semver.prerelease(a) !== null);
      }),
    );
  });

  it('is what semver says of ranges', () => {
    fc.assert(
      fc.property(versions, ranges, (version, range) => {
        expect(isVersionRange(range)).toBe(semver.validRange(range) !== null);
        expect(isInRange(version, range)).toBe(semver.satisfies(version, range));
      }),
      { numRuns: 500 },
    );
  });
});
