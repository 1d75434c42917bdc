import { expect, it } from 'vitest';
import { keyNameFor } from './first-key.js';
import { assertKeyName } from './key-store.js';

it.each([
  ['laptop.local', 'laptop'],
  ['Ána’s MacBook', 'na-s-macbook'],
  ['---', 'first'],
  ['x'.repeat(200), 'x'.repeat(32)],
])('a key of the machine %s is called %s', (host, name) => {
  expect(keyNameFor(host)).toBe(name);
  assertKeyName(keyNameFor(host));
});
