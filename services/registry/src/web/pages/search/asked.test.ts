import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, changed, readAsked } from './asked.js';

const queryOf = (address: string) => address.split('?')[1] ?? '';

test('an address is read, and what it cannot mean is left out', () => {
  expect(
    readAsked('q=+deploy+now&tag=ops&tag=OPS&tag=no%20tag&owner=acme&permission=exec&sort=name&utm_source=x'),
  ).toEqual({
    q: 'deploy now',
    tags: ['ops'],
    owner: 'acme',
    license: undefined,
    permission: 'exec',
    state: undefined,
    sort: 'name',
    cursor: undefined,
  });
  expect(readAsked('owner=-&permission=root&state=yanked&sort=best&license=%20')).toEqual(readAsked(''));
  expect(readAsked(`q=${'x'.repeat(5000)}`).q).toHaveLength(200);
});

test('what is narrowed begins with its first page', () => {
  const asked = readAsked('q=a&cursor=b');
  expect(addressOf(changed(asked, { tags: ['git'] }))).toBe('/search?q=a&tag=git');
  expect(addressOf(asked)).toBe('/search?q=a&cursor=b');
});

test('whatever is asked for has one address, which asks for the same', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('git', 'acme', 'exec', 'name', 'active', '\ud800', '\u202eü 世'),
  );
  const name = fc.constantFrom('q', 'tag', 'owner', 'license', 'permission', 'state', 'sort', 'cursor', 'x');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (pairs) => {
      const asked = readAsked(new URLSearchParams(pairs).toString());
      expect(readAsked(queryOf(addressOf(asked)))).toEqual(asked);
    }),
  );
});
