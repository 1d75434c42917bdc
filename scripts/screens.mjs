// Pictures of every page, light and dark: small ones for `docs/screens/`, or with a folder PNGs to look at.
// `node scripts/screens.mjs [DIR] [WIDTH,WIDTH…] [NAME,NAME…]`
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ROOT } from './lib/prepare.mjs';

const [dir, widths = '1024', names = ''] = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    'registry',
    'services/registry/test/web/audit.test.ts',
    '-t',
    'pictures',
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      SHEAF_SCREENS: resolve(dir ?? join(ROOT, 'docs', 'screens')),
      SHEAF_SCREEN_FORMAT: dir === undefined ? 'webp' : 'png',
      SHEAF_SCREEN_WIDTHS: widths,
      SHEAF_SCREEN_NAMES: names,
    },
  },
);
process.exit(status ?? 1);
