import fc from 'fast-check';
import { compare } from 'semver';
import { expect, test } from 'vitest';
import { versionSortKey } from './sort-key.js';

const number = fc.oneof(fc.nat(12), fc.nat(1_000_000)).map(String);
const identifier = fc.oneof(
  number,
  fc.constantFrom('a', 'alpha', 'beta', 'rc', 'rc1', 'A', '-', 'x-y', '0a', 'alpha-1'),
);
const version = fc
  .tuple(number, number, number, fc.option(fc.array(identifier, { minLength: 1, maxLength: 3 })))
  .map(([a, b, c, pre]) => `${a}.${b}.${c}${pre ? `-${pre.join('.')}` : ''}`);

test('orders by bytes exactly as SemVer orders by precedence', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(versionSortKey(a)), Buffer.from(versionSortKey(b)));
      expect(Math.sign(bytes)).toBe(compare(a, b));
    }),
    { numRuns: 2000 },
  );
});
