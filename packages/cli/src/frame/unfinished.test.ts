import { expect, it } from 'vitest';
import { finishFirst, waitForUnfinished } from './unfinished.js';

it('what must not be cut is waited for, however it ends, and nothing else', async () => {
  await waitForUnfinished(0);
  const told: string[] = [];
  const end: (() => void)[] = [];
  const work = finishFirst(new Promise<void>((resolve) => end.push(resolve)));
  const failing = finishFirst(new Promise<void>((_, reject) => end.push(reject)));
  void waitForUnfinished(60_000).then(() => told.push('over'));
  end[0]?.();
  await work;
  expect(told).toEqual([]);
  end[1]?.();
  await expect(failing).rejects.toBeUndefined();
  await waitForUnfinished(0);
  expect(told).toEqual(['over']);
});

it('what does not end is waited for no longer than is bearable', async () => {
  void finishFirst(new Promise(() => undefined));
  await waitForUnfinished(1);
});
