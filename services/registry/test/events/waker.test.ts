import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestRegistry, type TestRegistry } from '../support/test-registry.js';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startTestRegistry();
});
afterEach(() => registry.close());

const FAR = 1_000_000;

test('not all who wait are of one network, and who finds no place is answered at once', async () => {
  const { events } = registry.deps;
  const { signal: gone } = new AbortController();
  const waiting = Array.from({ length: 100 }, () => events.wait(FAR, 60_000, { gone, network: 'crowd' }));
  expect(await events.wait(FAR, 60_000, { gone, network: 'crowd' })).toBe(false);
  const other = events.wait(FAR, 60_000, { gone, network: 'other' });
  await events.close();
  expect(await other).toBe(true);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
});
