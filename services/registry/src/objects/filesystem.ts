import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { nodeFileOperations, type FileOperations } from './durable-files.js';
import { ignoreAbsent, isAbsent, reporting, tooLarge } from './filesystem-errors.js';
import { listKeys, listObjects } from './filesystem-list.js';
import { putNew, type StoreFolders } from './filesystem-put.js';
import { assertRange, assertSize, invalidRange, readExactly, withObject } from './filesystem-read.js';
import { assertObjectKey, assertObjectPrefix, MAX_OBJECT_BYTES, type ObjectStore } from './port.js';
import { sharedSync } from './shared-sync.js';

const STALE_TEMPORARY_MS = 60 * 60 * 1000;

export interface FilesystemStoreOptions {
  /** The folder of the store; created with mode 0700 when absent. Objects are in `objects/`, unfinished ones in `tmp/`. */
  readonly dir: string;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
  /** The writing operations; a test passes some that fail. */
  readonly operations?: FileOperations;
}

/**
 * Opens an object store in a folder and removes the unfinished files, older than an hour, of writers that were killed. Any
 * number of processes of one machine may use the folder. It needs a file system with hard links.
 *
 * An object is written to a temporary file, synced, linked to its name, which fails when the name exists, and the folder
 * is synced: at no moment is there a name with less than the whole object. What is stored in one folder in one moment
 * shares its syncs.
 */
export async function openFilesystemStore(options: FilesystemStoreOptions): Promise<ObjectStore> {
  const { now } = options;
  const operations = sharingSyncs(options.operations ?? nodeFileOperations);
  const root = resolve(options.dir);
  const folders: StoreFolders = {
    objects: join(root, 'objects'),
    temporary: join(root, 'tmp'),
    operations,
    synced: new Set(),
  };
  await reporting(root, async () => {
    await mkdir(folders.objects, { recursive: true, mode: 0o700 });
    await mkdir(folders.temporary, { recursive: true, mode: 0o700 });
    await operations.syncDirectory(root);
    await removeStale(folders.temporary, now() - STALE_TEMPORARY_MS);
  });
  const pathOf = (key: string): string => {
    assertObjectKey(key);
    return join(folders.objects, ...key.split('/'));
  };
  return {
    putIfAbsent: async (key, bytes) => {
      const path = pathOf(key);
      if (bytes.length > MAX_OBJECT_BYTES) throw tooLarge(key, bytes.length, MAX_OBJECT_BYTES);
      return reporting(root, () => putNew(folders, { path, bytes }));
    },
    get: async (key, readOptions) => {
      const path = pathOf(key);
      return withObject(root, path, readOptions, async (handle, sizeBytes) => {
        assertSize(key, sizeBytes, readOptions);
        return readExactly(handle, 0, sizeBytes, key);
      });
    },
    getRange: async (key, start, endInclusive, readOptions) => {
      const path = pathOf(key);
      assertRange(start, endInclusive);
      return withObject(root, path, readOptions, async (handle, sizeBytes) => {
        if (start >= sizeBytes) throw invalidRange(`begins past the ${sizeBytes} bytes of the object`);
        const length = Math.min(endInclusive, sizeBytes - 1) - start + 1;
        assertSize(key, length, readOptions);
        return readExactly(handle, start, length, key);
      });
    },
    size: async (key, readOptions) => {
      const path = pathOf(key);
      return withObject(root, path, readOptions, (_handle, sizeBytes) => Promise.resolve(sizeBytes));
    },
    delete: async (key) => {
      const path = pathOf(key);
      await reporting(root, () => remove(operations, path));
    },
    list: (prefix) => {
      assertObjectPrefix(prefix);
      return listObjects(root, folders.objects, prefix);
    },
    listKeys: (prefix) => {
      assertObjectPrefix(prefix);
      return listKeys(root, folders.objects, prefix);
    },
    check: () => reporting(root, () => probe(folders.temporary, operations)),
  };
}

function sharingSyncs(operations: FileOperations): FileOperations {
  return { ...operations, syncDirectory: sharedSync((folder) => operations.syncDirectory(folder)) };
}

async function remove(operations: FileOperations, path: string): Promise<void> {
  try {
    await operations.unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  // Also when it was absent: the one who removed it may have been killed before the disk knew.
  await operations.syncDirectory(dirname(path)).catch(ignoreAbsent);
}

async function probe(temporaryFolder: string, operations: FileOperations): Promise<void> {
  const path = join(temporaryFolder, `check-${randomBytes(8).toString('hex')}`);
  try {
    await operations.writeNewFile(path, new Uint8Array([1]));
  } finally {
    await rm(path, { force: true });
  }
}

async function removeStale(temporaryFolder: string, beforeMs: number): Promise<void> {
  for (const name of await readdir(temporaryFolder)) {
    const path = join(temporaryFolder, name);
    const file = await stat(path).catch(ignoreAbsent);
    if (file !== undefined && file.mtimeMs < beforeMs) await rm(path, { force: true });
  }
}
