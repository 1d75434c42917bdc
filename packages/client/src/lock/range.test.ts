import { isVersionRange } from '@sheaf/workflow';
import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';

const number = fc.oneof(
  { weight: 40, arbitrary: fc.nat({ max: 12 }).map(String) },
  { weight: 1, arbitrary: fc.constant('01') },
);
const part = fc.oneof(
  { weight: 8, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom('x', 'X', '*') },
);
const pre = fc.constantFrom('', '', '', '-rc.1', '-0', '-alpha.beta', '-01', '-x.7.z');
const full = fc.tuple(number, number, number, pre).map(([a, b, c, d]) => `${a}.${b}.${c}${d}`);
const partial = fc.oneof(
  full,
  fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
);
const operator = fc.constantFrom('', '^', '~', '>=', '<=', '<', '>', '=');
const comparator = fc.tuple(operator, partial).map(([sign, version]) => `${sign}${version}`);
const set = fc.oneof(
  fc.tuple(partial, partial).map(([from, to]) => `${from} - ${to}`),
  fc.array(comparator, { minLength: 1, maxLength: 3 }).map((all) => all.join(' ')),
);
const range = fc.array(set, { minLength: 1, maxLength: 3 }).map((sets) => sets.join(' || '));

describe('a range that a definition may write', () => {
  it('is one to the resolver', () => {
    let accepted = 0;
    fc.assert(
      fc.property(range, (text) => {
        if (!isVersionRange(text)) return;
        accepted++;
        expect(semver.validRange(text), text).not.toBeNull();
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});
