import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSameJson } from './same-json.js';

it('is what canonical texts of both say', () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return { members: members.map(([name, member]) => [name, sorted(member)]) };
  };
  const values = fc.jsonValue({ maxDepth: 2 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(isSameJson(a, structuredClone(a))).toBe(true);
      expect(isSameJson(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
  );
});

it.each([
  [{}, [], false],
  [{ a: null }, { b: null }, false],
  [[1], [1, 2], false],
  [{ a: 1, b: [{}] }, { b: [{}], a: 1 }, true],
])('compares %j with %j', (a, b, isSame) => {
  expect(isSameJson(a, b)).toBe(isSame);
});

it('takes a member that is undefined for none', () => {
  expect(isSameJson({ a: undefined, b: 1 }, { b: 1 })).toBe(true);
  expect(isSameJson({ a: undefined }, { b: 1 })).toBe(false);
});
