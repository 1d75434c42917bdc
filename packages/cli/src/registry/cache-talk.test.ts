import { expect, it } from 'vitest';
import { tellDropped } from './cache-talk.js';

it('warns of a damaged cache, also on the page of a job', () => {
  const told: string[] = [];
  const ui = { warn: (line: string) => told.push(line), mark: (line: string) => told.push(line) };
  tellDropped({ ui, env: {} }, { what: 'blob' }, 'acme/deploy');
  const line = 'the bundle of acme/deploy in the cache was damaged; it was dropped and is fetched once more';
  expect(told.splice(0)).toEqual([line]);
  tellDropped({ ui, env: { GITHUB_ACTIONS: 'true' } }, { what: 'blob' }, 'acme/deploy');
  expect(told).toEqual([line, `::warning title=cache.dropped::${line}`]);
});
