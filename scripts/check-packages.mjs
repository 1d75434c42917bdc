// Fails when a package would be published with wrong or missing entry points, as publint sees it.
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { readFileSync } from 'node:fs';
import { ROOT } from './lib/prepare.mjs';

const FOLDERS = [
  'packages/workflow',
  'packages/bundle',
  'packages/client',
  'packages/engine',
  'packages/cli',
  'services/registry',
  'migrations',
];

let problems = 0;
for (const folder of FOLDERS) {
  const pkg = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const { messages } = await publint({ pkgDir: join(ROOT, folder), strict: true });
  for (const message of messages) {
    if (message.type === 'suggestion') continue;
    problems += 1;
    console.error(`${folder}: ${formatMessage(message, pkg)}`);
  }
}
console.log(problems === 0 ? `${FOLDERS.length} packages are well formed` : `${problems} problem(s)`);
process.exit(problems === 0 ? 0 : 1);
