import { expect, it } from 'vitest';
import { section } from './section.js';

const rows = [
  ['https://a.example', 'log key 1234', ''],
  ['b', '', 'seen'],
];

it('puts nothing between parts that are not there', () => {
  expect(section(80, 'registries', rows)).toEqual([
    'registries',
    '  https://a.example  log key 1234',
    '  b                  seen',
  ]);
});

it('keeps the columns of a pipe in their places', () => {
  expect(section(undefined, 'registries', rows)).toEqual([
    'registries\thttps://a.example\tlog key 1234\t',
    'registries\tb\t\tseen',
  ]);
});
