import { expect, test } from 'vitest';
import { counted } from './counted.js';

test('one is one, and everything else is many', () => {
  expect([0, 1, 2].map((n) => counted(n, 'finding'))).toEqual(['0 findings', '1 finding', '2 findings']);
  expect([1, 3].map((n) => counted(n, 'leaf', 'leaves'))).toEqual(['1 leaf', '3 leaves']);
});
