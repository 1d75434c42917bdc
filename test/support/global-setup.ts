import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { cleanEnvironment, REGISTRY_BIN } from './registry-environment.js';

const run = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** A data directory in which `sheaf-registry migrate` has made the private database, and no registry has started. */
    readyDataDir: string;
  }
}

/** Makes the database that the registries of all files begin with. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-e2e-ready-'));
  await run(process.execPath, [REGISTRY_BIN, 'migrate', '--data-dir', dataDir], { env: cleanEnvironment() });
  project.provide('readyDataDir', dataDir);
  return () => rm(dataDir, { recursive: true, force: true });
}
