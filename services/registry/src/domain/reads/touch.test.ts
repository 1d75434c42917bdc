import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTouch, formatTouch } from './touch.js';

test.each([{ ns: 'acme' }, { ns: 'acme', name: 'deploy' }, { realm: 'public' }])(
  'what is told of %o is understood',
  (touch) => {
    expect(findTouch(formatTouch(touch))).toEqual(touch);
  },
);

test('whatever else is told is passed over', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const touch = findTouch(text);
      if (touch !== undefined) expect(typeof (touch.ns ?? touch.realm)).toBe('string');
    }),
  );
  expect(findTouch('{"name":"deploy"}')).toBeUndefined();
});
