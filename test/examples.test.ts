import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOwnRegistry } from './support/own-registry.js';
import type { Person } from './support/sheaf.js';

/** The example that uses other examples, published and run as anybody would. */
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));
let owner: Person;
let repository: string;
let close: () => Promise<void>;

beforeAll(async () => {
  let dir: string;
  ({ dir, owner, close } = await startOwnRegistry('ana', 'a'));
  for (const name of ['licence-audit', 'link-check', 'repo-report', 'repo-health'])
    await owner.ok(['publish', '--yes', '--allow-dirty'], { cwd: join(EXAMPLES, name) });
  repository = join(dir, 'repository');
  await mkdir(repository);
  await writeFile(join(repository, 'README.md'), '[gone](gone.md)\n');
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-q', '-m', 'cli: Say *more*'],
  ])
    await promisify(execFile)('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      cwd: repository,
    });
}, 300_000);
afterAll(() => close());

test('the health of a repository is summed up from three published workflows', async () => {
  const flags = ['--yes', '--profile', 'permissive', '-p', 'write=health.md', '-p', 'strict=true', '--json'];
  const ran = await owner.sheaf(['run', 'examples/repo-health', ...flags], { cwd: repository });
  expect(ran.code).toBe(8);
  const result = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '') as {
    steps: readonly { id: string; status: string }[];
  };
  const status = (step: string) => result.steps.find(({ id }) => id === step)?.status;
  expect(['looks.links.scan', 'latest[0]', 'save', 'gate'].map(status)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'failed',
  ]);
  const text = await readFile(join(repository, 'health.md'), 'utf8');
  expect(text).toContain('# Repository health: look here\n');
  expect(text).toContain('broken links: 1 of 1, licences missing or unknown: 1.\n');
  expect(text).toMatch(/^- \d{4}-\d\d-\d\d cli: Say \\\*more\\\* \([0-9a-f]{7,}\)$/m);
  expect(text).toContain('| `README.md` | 1 | `gone.md` | no such file |');
});
