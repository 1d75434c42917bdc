import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BenchRow } from '../registry/row.js';

const MAIN = fileURLToPath(new URL('../registry/main.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheaf-bench-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

function start(...args: readonly string[]) {
  const child = spawn(
    process.execPath,
    ['--conditions=@sheaf/source', '--import', 'tsx', MAIN, '--quick', ...args],
    // All that it makes is below this folder, so what it leaves behind can be seen.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: folder } },
  );
  let printed = '';
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  return { child, ended: once(child, 'exit'), printed: () => printed, told: () => told };
}

/** What it made; the loader of TypeScript keeps a cache of its own in the same place. */
async function leftBehind(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('tsx-'));
}

/** Processes that have the folder in their command line. */
async function survivors(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push(command.replaceAll('\0', ' '));
  }
  return found;
}

test.skipIf(process.platform !== 'linux')(
  'measures every row of the registry without a failure, and leaves nothing behind',
  async () => {
    const run = start('--json');
    const [code] = (await run.ended) as [number | null];
    expect(code, run.told()).toBe(0);
    const { rows } = JSON.parse(run.printed()) as { readonly rows: readonly BenchRow[] };
    expect(rows.map(({ id }) => id)).toEqual([
      'idle',
      'publish.1',
      'publish.8',
      'reads.1',
      'reads.1.304',
      'reads.20',
      'reads.20.304',
      'reads.download.10KiB',
      'reads.download.1MiB',
      'search.open',
      'search.closed',
      'search.first',
      'pages.search',
      'pages.workflow',
      'pages.home',
      'pages.browse',
      'pages.same',
      'proofs',
      'growth',
    ]);
    for (const { id, cells, targets } of rows) {
      expect(
        cells.map(({ server, failed }) => [server, failed]),
        id,
      ).toEqual([['Sheaf', 0]]);
      for (const { value } of targets) expect(value, id).toBeGreaterThan(0);
    }
    for (const { perSecond } of rows.flatMap(({ cells }) => cells))
      if (perSecond !== undefined) expect(perSecond).toBeGreaterThan(0);
    expect(await leftBehind()).toEqual([]);
    expect(await survivors()).toEqual([]);
  },
);

test.skipIf(process.platform !== 'linux')('stops and removes everything on Ctrl-C', async () => {
  const run = start('--only', 'publish');
  // Its registry is up once it has written its token.
  for (;;) {
    // A database that is being made removes folders while they are read.
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    if (files.some((file) => file.endsWith('admin-token'))) break;
    expect(run.child.exitCode, run.told()).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  run.child.kill('SIGINT');
  const [code] = (await run.ended) as [number | null];
  expect(code).toBe(130);
  expect(await leftBehind()).toEqual([]);
  expect(await survivors()).toEqual([]);
});
