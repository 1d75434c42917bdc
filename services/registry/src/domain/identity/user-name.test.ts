import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proposeNames } from './user-name.js';

test.each([
  ['ana', 'ana'],
  ['Ana María', 'ana-maria'],
  ['ana@example.com', 'ana'],
  ['ＡＮＡ', 'ana'],
  ['\u202Eana', 'ana'],
  ['owner', 'owner-2'],
  ['Admin', 'admin-2'],
  ['', 'user-2'],
  [undefined, 'user-2'],
  ['日本', 'user-2'],
])('%j becomes %s', (text, name) => {
  expect(proposeNames(text, 'f00d')[0]).toBe(name);
});

test('every name is safe, whatever the provider says, and the last one bears the suffix', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (text) => {
      const names = proposeNames(text, 'f00dfeed');
      for (const name of names) expect(name).toMatch(/^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,38}$/);
      expect(new Set(names).size).toBe(names.length);
      expect(names.at(-1)).toMatch(/-f00dfeed$/);
    }),
  );
});
