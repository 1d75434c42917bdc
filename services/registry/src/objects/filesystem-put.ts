import { randomUUID } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileOperations } from './durable-files.js';
import { codeOf, ignoreAbsent } from './filesystem-errors.js';
import { ObjectStoreError } from './port.js';

export interface StoreFolders {
  readonly objects: string;
  /** For what has no name yet. */
  readonly temporary: string;
  readonly operations: FileOperations;
  /** Folders of objects that are known to be on the disk; added to. */
  readonly synced: Set<string>;
}

/** Something larger is looked for before it is written; what is smaller is written sooner than that. */
const WRITTEN_UNSEEN_BYTES = 256 * 1024;

/** Puts an object at a path, unless one is there: see `openFilesystemStore`. @throws ObjectStoreError, and what the operations throw */
export async function putNew(
  folders: StoreFolders,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
): Promise<'created' | 'exists'> {
  const { operations } = folders;
  const folder = dirname(path);
  await makeFolder(folders, folder);
  if (bytes.length > WRITTEN_UNSEEN_BYTES && (await isObject(path))) {
    // Its writer may have been killed before the name was on the disk.
    await operations.syncDirectory(folder);
    return 'exists';
  }
  const temporary = join(folders.temporary, randomUUID());
  let answer: 'created' | 'exists';
  try {
    await operations.writeNewFile(temporary, bytes);
    answer = await nameNew(operations, temporary, path);
  } catch (error) {
    await operations.unlink(temporary).catch(ignoreAbsent);
    throw error;
  }
  // Once the object has its name, the other one is not waited for any longer than the disk.
  await allDone([operations.syncDirectory(folder), operations.unlink(temporary).catch(ignoreAbsent)]);
  return answer;
}

async function nameNew(
  operations: FileOperations,
  temporary: string,
  path: string,
): Promise<'created' | 'exists'> {
  try {
    await operations.link(temporary, path);
    return 'created';
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await isObject(path);
    return 'exists';
  }
}

/** Whether there is an object at the path. @throws ObjectStoreError `object.key_invalid` for a folder of objects */
async function isObject(path: string): Promise<boolean> {
  const existing = await stat(path).catch(ignoreAbsent);
  if (existing === undefined) return false;
  if (existing.isFile()) return true;
  throw new ObjectStoreError('object.key_invalid', 'the object key is the beginning of other keys', {
    hint: 'use a key that no other key continues',
  });
}

/** Waits for all of them, whatever one of them comes to. @throws what the first that failed did */
async function allDone(works: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(works))
    if (outcome.status === 'rejected') throw outcome.reason as Error;
}

/** Creates a folder and puts it and those above it on the disk, once per process: an earlier one may have been cut short. */
async function makeFolder({ objects, operations, synced }: StoreFolders, folder: string): Promise<void> {
  if (synced.has(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let above = folder; above !== objects;) {
    above = dirname(above);
    await operations.syncDirectory(above);
  }
  synced.add(folder);
}
