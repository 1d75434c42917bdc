// npm run test:kills -- N: kills a registry N times at random (200 unless given) and prints what it survived.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, prepare } from './lib/prepare.mjs';

const [count = '200', seed] = process.argv.slice(2);
if (!/^[1-9]\d{0,5}$/.test(count) || (seed !== undefined && !/^\d{1,9}$/.test(seed))) {
  console.error('usage: npm run test:kills -- [N] [SEED]');
  process.exit(2);
}
prepare({ say: (what) => console.log(`${what} …`) });
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--project', 'e2e', '--disable-console-intercept=true', 'test/faults/kills.test.ts'],
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, SHEAF_TEST_KILLS: count, ...(seed !== undefined && { SHEAF_TEST_SEED: seed }) },
  },
);
process.exit(status ?? 1);
