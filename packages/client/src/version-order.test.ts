import { expect, test } from 'vitest';
import { isHigherVersion } from './version-order.js';

test.each([
  ['1.10.0', '1.9.0', true],
  ['1.0.0', '1.0.0', false],
  ['1.0.0', '1.0.0-rc.1', true],
  ['1.0.0-rc.1', '1.0.0', false],
  ['2', '1.0.0', false],
  ['1.0.0', 'x', false],
])('whether %s is higher than %s: %s', (version, than, isHigher) => {
  expect(isHigherVersion(version, than)).toBe(isHigher);
});
