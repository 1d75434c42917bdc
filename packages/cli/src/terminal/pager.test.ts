import { expect, it } from 'vitest';
import { choosePager } from './pager.js';

const SCREEN = { canRedraw: true };

it.each([
  [{}, 'less -FIRX'],
  [{ PAGER: 'more' }, 'more'],
  [{ PAGER: 'cat' }, undefined],
  [{ PAGER: ' ' }, undefined],
])('chooses for %j the pager %s', (env: Record<string, string>, pager) => {
  expect(choosePager(env, SCREEN)).toBe(pager);
});

it('has none where a screen cannot be drawn', () => {
  expect(choosePager({ PAGER: 'less' }, { canRedraw: false })).toBeUndefined();
});
