// Writes docs/CLI.md and the list of manual pages in packages/cli/package.json from the table of commands; with --check,
// fails when they are not what it would write.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPages } from '../packages/cli/build-pages.mjs';
import { ROOT } from './lib/prepare.mjs';
import { writeGenerated } from './lib/write-generated.mjs';

const manifest = join(ROOT, 'packages', 'cli', 'package.json');
const { reference, man } = await loadPages();
const listed = {
  ...JSON.parse(readFileSync(manifest, 'utf8')),
  man: [...man.keys()].sort().map((name) => `./dist/man/${name}`),
};

await writeGenerated(
  new Map([
    [join(ROOT, 'docs', 'CLI.md'), reference],
    [manifest, `${JSON.stringify(listed, null, 2)}\n`],
  ]),
  { script: 'generate-cli.mjs' },
);
