import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { nodeFileOperations, type FileOperations } from './durable-files.js';
import { codeOf, ignoreAbsent, isAbsent, reporting, tooLarge } from './filesystem-errors.js';
import { listObjects } from './filesystem-list.js';
import { assertRange, assertSize, invalidRange, readExactly, withObject } from './filesystem-read.js';
import {
  assertObjectKey,
  assertObjectPrefix,
  MAX_OBJECT_BYTES,
  ObjectStoreError,
  type ObjectStore,
} from './port.js';

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
 * is synced: at no moment is there a name with less than the whole object.
 */
export async function openFilesystemStore(options: FilesystemStoreOptions): Promise<ObjectStore> {
  const { now, operations = nodeFileOperations } = options;
  const root = resolve(options.dir);
  const folders: Folders = { root, objects: join(root, 'objects'), temporary: join(root, 'tmp') };
  await reporting(root, async () => {
    await mkdir(folders.objects, { recursive: true, mode: 0o700 });
    await mkdir(folders.temporary, { recursive: true, mode: 0o700 });
    await operations.syncDirectory(root);
    await removeStale(folders.temporary, now() - STALE_TEMPORARY_MS);
  });
  const syncedFolders = new Set<string>();
  const pathOf = (key: string): string => {
    assertObjectKey(key);
    return join(folders.objects, ...key.split('/'));
  };
  return {
    putIfAbsent: async (key, bytes) => {
      const path = pathOf(key);
      if (bytes.length > MAX_OBJECT_BYTES) throw tooLarge(key, bytes.length, MAX_OBJECT_BYTES);
      return reporting(root, () => put(folders, operations, syncedFolders, path, bytes));
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
    check: () => reporting(root, () => probe(folders.temporary, operations)),
  };
}

interface Folders {
  readonly root: string;
  readonly objects: string;
  readonly temporary: string;
}

async function put(
  folders: Folders,
  operations: FileOperations,
  syncedFolders: Set<string>,
  path: string,
  bytes: Uint8Array,
): Promise<'created' | 'exists'> {
  const folder = dirname(path);
  const existing = await stat(path).catch(ignoreAbsent);
  if (existing?.isFile() === false) {
    throw new ObjectStoreError('object.key_invalid', 'the object key is the beginning of other keys', {
      hint: 'use a key that no other key continues',
    });
  }
  await makeFolder(folders.objects, operations, syncedFolders, folder);
  if (existing !== undefined) {
    // Its writer may have been killed before the name was on the disk.
    await operations.syncDirectory(folder);
    return 'exists';
  }
  const temporary = join(folders.temporary, randomBytes(16).toString('hex'));
  try {
    await operations.writeNewFile(temporary, bytes);
    const answer = await operations.link(temporary, path).then(
      () => 'created' as const,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return 'exists' as const;
        throw error;
      },
    );
    await operations.syncDirectory(folder);
    return answer;
  } finally {
    // Not "rm", which looks at a file twice before it removes it.
    await unlink(temporary).catch(ignoreAbsent);
  }
}

/** Creates a folder and puts it and those above it on the disk, once per process: an earlier one may have been cut short. */
async function makeFolder(
  top: string,
  operations: FileOperations,
  syncedFolders: Set<string>,
  folder: string,
): Promise<void> {
  if (syncedFolders.has(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let above = folder; above !== top;) {
    above = dirname(above);
    await operations.syncDirectory(above);
  }
  syncedFolders.add(folder);
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
