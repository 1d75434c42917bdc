import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openRunStore } from '../src/stores/sqlite/run-store.js';
import { tempFolders } from './folders.js';

const newFolder = tempFolders();

it('moves the log of the database away before it takes long to read again at each start', async () => {
  const folder = newFolder();
  const store = await openRunStore(folder, { now: () => 0 });
  const journal = store.openJournal('long', 1, { pid: 1, start: 'test' });
  const reason = { code: 'step.exit', message: 'x'.repeat(3_000) } as const;
  for (let step = 0; step < 400; step++)
    await journal.append([{ type: 'step.skipped', step: `s${step}`, reason }], { durable: false });
  expect(store.readEvents('long')).toHaveLength(400);
  store.close();
  expect(statSync(join(folder, 'runs.sqlite-wal')).size).toBeLessThan(1_000_000);
});
