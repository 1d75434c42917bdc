import type { Logger } from 'pino';
import { createCloseStack } from '../compose/close-stack.js';
import { openDatabase, openDatabaseBeside } from '../compose/database.js';
import { openObjects, openObjectsBeside } from '../compose/objects.js';
import type { Config } from '../config.js';
import type { Db } from '../db/connection.js';
import { assertOwnStore, bindStore } from '../domain/setup/own-store.js';
import { lockSweeps } from '../gc/sweep-lock.js';
import { openLockSession } from '../jobs/lock-session.js';
import type { ObjectStore } from '../objects/port.js';
import { ArchiveError } from './archive-error.js';
import { createArchive, openArchive } from './archive-files.js';
import { exportRegistry, type ExportOptions, type ExportResult } from './export-registry.js';
import { importRegistry, type ImportOptions, type ImportResult } from './import-registry.js';
import { readManifest } from './read-archive.js';

/** Writes an archive of the configured registry, which may be running, to a path. @throws ArchiveError */
export function runExport(
  config: Config,
  log: Logger,
  path: string,
  options: ExportOptions,
): Promise<ExportResult> {
  const open = { openDatabase: openDatabaseBeside, openObjects: openObjectsBeside };
  return withRegistry(config, log, open, async (deps) => {
    const writer = await createArchive(path);
    try {
      const result = await exportRegistry({ ...deps, now: () => Date.now() }, writer, options);
      await writer.finish();
      return result;
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  });
}

/**
 * Takes an archive into the configured database and store, which are begun where there are none. No sweep runs meanwhile.
 *
 * @throws ArchiveError
 */
export async function runImport(
  config: Config,
  log: Logger,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  // Before anything is begun: of a path that was mistyped, or another archive, no empty registry is left.
  const reader = await openArchive(path);
  try {
    await readManifest(reader, options.logKey);
  } finally {
    await reader.close();
  }
  return withRegistry(config, log, { openDatabase, openObjects }, async (deps) => {
    const locks = openLockSession(deps.db);
    try {
      const lock = await lockSweeps(locks, options.signal);
      if (lock === undefined)
        throw new ArchiveError(
          'import.busy',
          'a sweep or another import is in progress',
          'wait until it has ended, and try again',
        );
      const signal = AbortSignal.any([options.signal, lock.lost]);
      const result = await importRegistry(deps, () => openArchive(path), { ...options, signal });
      await bindStore(deps);
      return result;
    } finally {
      await locks.close();
    }
  });
}

async function withRegistry<T>(
  config: Config,
  log: Logger,
  open: {
    readonly openDatabase: typeof openDatabaseBeside;
    readonly openObjects: typeof openObjects;
  },
  use: (deps: { readonly db: Db; readonly objects: ObjectStore }) => Promise<T>,
): Promise<T> {
  const stack = createCloseStack();
  try {
    const { db } = stack.add(await open.openDatabase(config, log));
    const deps = { db, objects: await open.openObjects(config, log) };
    await assertOwnStore(deps);
    return await use(deps);
  } finally {
    await stack.close();
  }
}
