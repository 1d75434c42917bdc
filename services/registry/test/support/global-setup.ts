import { migrateToLatest } from '@sheaf/migrations';
import { mkdtemp, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { connectDatabase } from '../../src/db/connection.js';
import { startEmbeddedPostgres } from '../../src/postgres/embedded.js';
import type { PostgresBinaries } from '../../src/postgres/locate.js';

const run = promisify(execFile);

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a real PostgreSQL with the migrated database `template`. */
    databaseUrl: string;
  }
}

/** One real PostgreSQL for all files; each test app gets a database of its own, cloned from a migrated one. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // What pages load is built from the sources that are tested.
  await run(process.execPath, [fileURLToPath(new URL('../../build-assets.mjs', import.meta.url))]);
  return providePostgres(project);
}

/** The programs are those that npm installed, unless others are given. */
export async function providePostgres(
  project: TestProject,
  binaries?: PostgresBinaries,
): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-test-pg-'));
  const postgres = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    database: 'template',
    ...(binaries && { binaries }),
  });
  const db = connectDatabase({ url: postgres.url, maxConnections: 2, onConnectionError: () => undefined });
  await migrateToLatest(db);
  await db.destroy();
  project.provide('databaseUrl', postgres.url);
  return async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
