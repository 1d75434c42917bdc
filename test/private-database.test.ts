import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  makeTempDir,
  removeDir,
  startRegistryProcess,
  type RegistryProcess,
} from './support/registry-process.js';

let dataDir: string;
let registry: RegistryProcess | undefined;
beforeEach(async () => {
  dataDir = await makeTempDir();
});
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
  await removeDir(dataDir);
});

async function postmaster(): Promise<number> {
  const [pid = ''] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}

async function openNamespace({ url, ownerToken }: RegistryProcess, name: string): Promise<number> {
  const response = await fetch(`${url}/v1/namespaces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${ownerToken}` },
    body: JSON.stringify({ name }),
  });
  await response.arrayBuffer();
  return response.status;
}

test.each(['1', '2'])(
  'with %s workers the private database is started again when it is killed, and writes go on',
  async (workers) => {
    registry = await startRegistryProcess({ dataDir, env: { SHEAF_WORKERS: workers } });
    expect(await openNamespace(registry, 'before')).toBe(201);
    for (const name of ['once', 'twice']) {
      const killed = await postmaster();
      process.kill(killed, 'SIGKILL');
      const again = registry;
      await expect
        .poll(() => openNamespace(again, name), { timeout: 60_000, interval: 200 })
        .toBeLessThan(300);
      expect(await postmaster()).not.toBe(killed);
    }
    expect(await openNamespace(registry, 'before')).toBe(200);
    expect((await fetch(`${registry.url}/readyz`)).status).toBe(200);
    expect(registry.logged()).toContain('the private database ended, and is started again');
  },
  120_000,
);

test('a stop with workers leaves the database before it ends, and has nothing to warn of', async () => {
  registry = await startRegistryProcess({
    dataDir,
    env: { SHEAF_WORKERS: '2', SHEAF_LOG_LEVEL: 'warn' },
  });
  // So many at once that every process has opened what it may.
  const opened = Array.from({ length: 40 }, (_, i) => `many-${i}`);
  const { url } = registry;
  await Promise.all([
    ...opened.map((name) => registry && openNamespace(registry, name)),
    ...opened.map(async (name) => (await fetch(`${url}/v1/workflows?q=${name}`)).arrayBuffer()),
  ]);
  await registry.stop();
  expect(
    registry
      .logged()
      .split('\n')
      .filter((line) => line.includes('connection')),
  ).toEqual([]);
}, 120_000);
