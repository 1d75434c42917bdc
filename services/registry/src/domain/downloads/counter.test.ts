import { expect, test } from 'vitest';
import type { CountedDownloads } from '../../db/download-queries.js';
import { createDownloadCounter } from './counter.js';

const NOON = Date.UTC(2026, 0, 31, 12);

function createCounter() {
  const state = { nowMs: NOON, isDown: false };
  const added: (readonly CountedDownloads[])[] = [];
  const counter = createDownloadCounter({
    now: () => state.nowMs,
    add: (counts) => {
      if (state.isDown) return Promise.reject(new Error('down'));
      added.push(counts);
      return Promise.resolve();
    },
  });
  return { counter, added, state };
}

test('downloads are added together, by version and day', async () => {
  const { counter, added, state } = createCounter();
  for (const id of [1, 2, 1]) counter.count(id);
  state.nowMs += 86_400_000;
  counter.count(1);
  await counter.flush();
  expect(added).toEqual([
    [
      { versionId: 1, day: '2026-01-31', count: 2 },
      { versionId: 2, day: '2026-01-31', count: 1 },
      { versionId: 1, day: '2026-02-01', count: 1 },
    ],
  ]);
});

test('nothing is added twice, and nothing when nothing was counted', async () => {
  const { counter, added } = createCounter();
  counter.count(1);
  await Promise.all([counter.flush(), counter.flush()]);
  await counter.flush();
  expect(added).toHaveLength(1);
});

test('what cannot be added is kept and added with what came since', async () => {
  const { counter, added, state } = createCounter();
  counter.count(1);
  state.isDown = true;
  await expect(counter.flush()).rejects.toThrow('down');
  counter.count(1);
  state.isDown = false;
  await counter.flush();
  expect(added).toEqual([[{ versionId: 1, day: '2026-01-31', count: 2 }]]);
});
