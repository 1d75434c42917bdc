import type { Standing } from '@sheaf/bundle';
import { describe, expect, it } from 'vitest';
import { uniteStandings } from './unite-standings.js';

const standing = (size: number, ...indexes: number[]): Standing => ({
  checkpoint: `wf.example.com/log/public\n${size}\nroot\n`,
  events: indexes.map((index) => ({ index, leaf: new Uint8Array([index]), proof: [] })),
});

describe('uniteStandings', () => {
  it('joins documents against one checkpoint, each event once and in order', () => {
    expect(uniteStandings([standing(9, 5, 7), standing(9, 3, 7)])).toEqual(standing(9, 3, 5, 7));
  });

  it('takes the largest checkpoint that proves all events', () => {
    expect(uniteStandings([standing(8, 3), standing(9, 3, 8)])).toEqual(standing(9, 3, 8));
    expect(uniteStandings([standing(8, 3), standing(12, 3), standing(9, 3)])).toEqual(standing(12, 3));
    expect(uniteStandings([standing(8, 3, 5), standing(9, 3)])).toEqual(standing(8, 3, 5));
  });

  it('finds none when no checkpoint proves all of them', () => {
    expect(uniteStandings([standing(8, 3), standing(9, 5)])).toBeUndefined();
    expect(uniteStandings([])).toBeUndefined();
  });
});
