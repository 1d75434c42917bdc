import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempDir, removeDir, startRegistryProcess } from './support/registry-process.js';
import type { RegistryProcess } from './support/registry-process.js';

/** What design and docs promise of an idle process. */
const IDLE_BYTES = 110e6;

let registry: RegistryProcess;
beforeEach(async () => {
  registry = await startRegistryProcess({ dataDir: await makeTempDir(), env: { SHEAF_WORKERS: '1' } });
});
afterEach(async () => {
  await registry.stop();
  await removeDir(registry.dataDir);
});

/** Resident memory of one process, without those it started. */
async function residentBytes(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

test.runIf(process.platform === 'linux')(
  'a process that nobody asks anything is content with 110 MB',
  async () => {
    await expect
      .poll(() => residentBytes(registry.pid), { timeout: 60_000, interval: 1_000 })
      .toBeLessThan(IDLE_BYTES);
  },
  120_000,
);
