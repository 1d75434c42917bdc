import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy.js';
import { startOwnRegistry, type OwnRegistry } from './support/own-registry.js';
import { cleanEnvironment } from './support/registry-environment.js';
import { createPerson, type CliResult, type Person } from './support/sheaf.js';

const SHEAF = fileURLToPath(new URL('../packages/cli/bin/sheaf.js', import.meta.url));
const SMALL = ['a', 'b', 'c', 'd', 'e'].map((name) => `shop/${name}`);
/** Large enough that a download can be cut in its middle, and gone on with. */
const LARGE = 'shop/large';
const LARGE_BYTES = 1_500_000;
const PROCESSES = 50;

let own: OwnRegistry;
let proxy: CountingProxy;
let reader: Person;
beforeAll(async () => {
  own = await startOwnRegistry('owner', 'laptop');
  await own.owner.ok(['namespace', 'create', 'shop']);
  const dirs: string[] = [];
  for (const id of [...SMALL, LARGE]) {
    const dir = join(own.dir, 'sources', id);
    dirs.push(dir);
    await mkdir(dir, { recursive: true });
    const include = id === LARGE ? '\n[bundle]\ninclude = ["noise"]\n' : '';
    const text = `id = "${id}"\nversion = "1.0.0"\n${include}\n[steps.say]\nrun = "echo ${id}"\n`;
    await writeFile(join(dir, 'workflow.toml'), text);
    if (id === LARGE) await writeFile(join(dir, 'noise'), randomBytes(LARGE_BYTES));
  }
  await own.owner.ok(['publish', ...dirs, '--yes']);
  proxy = await startCountingProxy(own.registry.url);
  reader = await createPerson(join(own.dir, 'reader'), {
    SHEAF_REGISTRY: proxy.url,
    SHEAF_PROFILE: 'permissive',
  });
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await own.close();
});

/** Of the 50, every second runs a workflow; each takes others beside it, in its own order. */
function start(i: number): Promise<CliResult> {
  const ids = [...SMALL, LARGE];
  const from = (step: number) => ids[(i + step) % ids.length] ?? LARGE;
  const args = i % 2 === 0 ? ['run', from(0)] : ['fetch', from(0), from(1), from(2)];
  return reader.sheaf([...args, '--yes']);
}

test('50 processes share a cold cache and trust nobody yet, and one is killed in the middle of a download', async () => {
  const stopped = proxy.hold(/^\/v1\/blobs\//, 900_000);
  const victim = spawn(process.execPath, [SHEAF, 'fetch', LARGE, '--yes'], {
    env: { ...cleanEnvironment(), HOME: reader.home, SHEAF_REGISTRY: proxy.url },
    stdio: 'ignore',
  });
  await stopped;
  const all = Array.from({ length: PROCESSES }, (_, i) => start(i));
  setTimeout(() => victim.kill('SIGKILL'), 1000);
  for (const { code, stdout, stderr } of await Promise.all(all)) expect(code, stderr + stdout).toBe(0);

  const blobs = new Map<string, number>();
  for (const { path } of proxy.passed)
    if (path.startsWith('/v1/blobs/')) blobs.set(path, (blobs.get(path) ?? 0) + 1);
  expect(blobs.size).toBe(SMALL.length + 1);
  expect(Math.max(...blobs.values())).toBeLessThanOrEqual(3);
  // What the victim had received was not asked for again.
  const ranges = proxy.passed.flatMap(({ range }) => range ?? []);
  expect(ranges).toEqual([expect.stringMatching(/^bytes=[1-9]\d{4,}-$/)]);

  const { stdout } = await reader.ok(['cache', 'verify', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ blobs: 6, receipts: 6, damaged: [], unpinned: 0 });
  const cache = join(reader.home, '.cache', 'sheaf', 'workflows');
  expect(await readdir(join(cache, 'partial'))).toEqual([]);
  const runs = JSON.parse((await reader.ok(['status', '--limit', '99', '--json'])).stdout) as {
    runs: { status: string }[];
  };
  expect(runs.runs.map(({ status }) => status)).toEqual(Array(PROCESSES / 2).fill('succeeded'));
});
