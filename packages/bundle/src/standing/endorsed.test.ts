import { expect, test } from 'vitest';
import type { KeyId } from '../keys/types.js';
import { endorsedBy, type EndorsedKey } from './endorsed.js';

const id = (name: string) => name.repeat(64).slice(0, 64) as KeyId;
const key = (name: string, addedAt: number, by: readonly string[], isActive = true): EndorsedKey => ({
  keyid: id(name),
  addedAt,
  by: [name, ...by].map(id),
  isActive,
});

test('keys that a stolen key vouched for from an index on are found, also through others, revoked or not', () => {
  const keys = [
    key('a', 1, []),
    key('b', 2, ['a']),
    key('c', 3, ['b']),
    key('d', 5, ['b'], false),
    key('e', 6, ['d']),
    key('f', 7, ['a']),
    key('9', 8, ['a', 'b']),
  ];
  const found = (stolen: string, from: number) => endorsedBy([...keys].reverse(), id(stolen), from);
  expect(found('b', 5)).toEqual([id('e'), id('9')]);
  expect(found('b', 0)).toEqual([id('c'), id('e'), id('9')]);
  expect(found('e', 0)).toEqual([]);
  expect(found('a', 0)).toHaveLength(5);
});
