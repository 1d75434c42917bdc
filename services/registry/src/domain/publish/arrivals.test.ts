import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createArrivals } from './arrivals.js';

const LONG_MS = 600_000;

/** Whether it has resolved, when everything that can happen by itself has happened. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  return Promise.race([wait.then(() => true), sleep(20).then(() => false)]);
}

test('nobody waits when nothing is on its way', async () => {
  expect(await isOver(createArrivals().wait(LONG_MS))).toBe(true);
});

test('all that is on its way is waited for, and nothing that sets out later', async () => {
  const arrivals = createArrivals();
  const [first, second] = [arrivals.expect(), arrivals.expect()];
  const wait = arrivals.wait(LONG_MS);
  const later = arrivals.expect();
  first();
  first();
  expect(await isOver(wait)).toBe(false);
  second();
  expect(await isOver(wait)).toBe(true);
  expect(await isOver(arrivals.wait(LONG_MS))).toBe(false);
  later();
});

test('what does not arrive is waited for no longer than was said', async () => {
  const arrivals = createArrivals();
  arrivals.expect();
  await arrivals.wait(1);
});
