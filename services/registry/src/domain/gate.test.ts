import { expect, test } from 'vitest';
import { createGate } from './gate.js';

function deferred() {
  let finish = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { promise, finish };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('lets in what fits, in the order of arrival, and refuses when too many wait', async () => {
  const gate = createGate({ capacity: 10, maxWaiting: 2, what: 'tests' });
  const started: string[] = [];
  const work = { a: deferred(), b: deferred(), c: deferred() };
  const begin = (name: keyof typeof work, cost: number) =>
    gate.run(cost, () => {
      started.push(name);
      return work[name].promise;
    });
  const a = begin('a', 6);
  const b = begin('b', 6);
  const c = begin('c', 1);
  await soon();
  expect(started).toEqual(['a']);
  await expect(gate.run(1, () => Promise.resolve())).rejects.toMatchObject({ code: 'service.busy' });
  work.a.finish();
  await a;
  await soon();
  expect(started).toEqual(['a', 'b', 'c']);
  work.b.finish();
  work.c.finish();
  await Promise.all([b, c]);
});

test('gives back what failed work has taken, and lets one in that costs more than everything', async () => {
  const gate = createGate({ capacity: 1, maxWaiting: 1, what: 'tests' });
  await expect(gate.run(5, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.run(5, () => Promise.resolve('yes'))).toBe('yes');
});
