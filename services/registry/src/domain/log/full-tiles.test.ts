import { expect, test } from 'vitest';
import { createFullTiles } from './full-tiles.js';

test('tiles of one log are not those of another', () => {
  const tiles = createFullTiles();
  tiles.keep('public', '0/1', Buffer.from('public'));
  expect(tiles.find('public', '0/1')?.toString()).toBe('public');
  expect(tiles.find('n/acme', '0/1')).toBeUndefined();
  expect(tiles.find('public', '0/2')).toBeUndefined();
});

test('those that were asked for last are kept', () => {
  const tiles = createFullTiles();
  tiles.keep('public', 'top', Buffer.from('top'));
  for (let i = 0; i < 1000; i += 1) {
    tiles.keep('public', `0/${i}`, Buffer.from([0]));
    expect(tiles.find('public', 'top')).toBeDefined();
  }
  const kept = Array.from({ length: 1000 }, (_, i) => tiles.find('public', `0/${i}`)).filter(Boolean);
  expect(kept).toHaveLength(127);
});
