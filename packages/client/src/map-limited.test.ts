import { describe, expect, it } from 'vitest';
import { mapLimited } from './map-limited.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('jobs, so many at a time', () => {
  it('answers in the order of the items, and begins no more than it may', async () => {
    let running = 0;
    let most = 0;
    const answers = await mapLimited([3, 1, 2, 0], 2, async (turns, index) => {
      most = Math.max(most, ++running);
      for (let i = 0; i < turns; i++) await turn();
      running--;
      return `${index}:${turns}`;
    });
    expect(answers).toEqual(['0:3', '1:1', '2:2', '3:0']);
    expect(most).toBe(2);
    expect(await mapLimited([], 4, () => Promise.resolve(1))).toEqual([]);
  });

  it('waits for those under way when one fails, and begins no other', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = mapLimited([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error('the first');
      for (let i = 0; i < 3; i++) await turn();
      ended.push(item);
      throw new Error('a later one');
    });
    await expect(work).rejects.toThrow('the first');
    expect([begun, ended]).toEqual([[0, 1], [1]]);
  });
});
