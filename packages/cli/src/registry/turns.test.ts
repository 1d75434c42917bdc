import { expect, it } from 'vitest';
import { createTurns } from './turns.js';

it('lets one at a time, in the order of asking, also after a failure', async () => {
  const turns = createTurns();
  const done: string[] = [];
  const work = (name: string, fails = false) =>
    turns(async () => {
      done.push(`${name} begins`);
      await Promise.resolve();
      done.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work('a'), work('b', true), work('c')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});
