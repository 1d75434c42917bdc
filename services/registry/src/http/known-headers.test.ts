import { expect, test } from 'vitest';
import { createKnownHeaders } from './known-headers.js';

test('what was valid lately is known until it is forgotten, and only so many are', () => {
  const known = createKnownHeaders(2);
  known.add('a');
  known.add('b');
  expect([known.has('a'), known.has('b'), known.has('c')]).toEqual([true, true, false]);
  known.add('c');
  known.add('c');
  expect([known.has('a'), known.has('c')]).toEqual([true, true]);
  known.add('d');
  known.add('e');
  expect([known.has('a'), known.has('c'), known.has('e')]).toEqual([false, true, true]);
  known.forget('c');
  known.forget('e');
  expect([known.has('c'), known.has('e')]).toEqual([false, false]);
});
