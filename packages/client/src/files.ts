import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Makes a name for a temporary file that no other process takes. */
export type TemporaryName = () => string;

/** True for an error of the file system with one of the codes. */
export function isFileError(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
  );
}

/**
 * A regular file's bytes; undefined when there is none, when it is larger than `maxBytes`, or when a link or
 * something else lies in its place.
 *
 * @param options `touch`: notes in the modification time that it was used, to the second
 */
export async function findFile(
  path: string,
  maxBytes: number,
  { touch = false }: { readonly touch?: boolean } = {},
): Promise<Uint8Array | undefined> {
  const file = await openFile(path);
  if (file === undefined) return undefined;
  try {
    const stats: Stats = await file.stat();
    if (!stats.isFile() || stats.size > maxBytes) return undefined;
    if (touch) await noteUse(file, stats);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function noteUse(file: FileHandle, { mtimeMs }: Stats): Promise<void> {
  const now = Date.now();
  if (Math.abs(now - mtimeMs) < 1000) return;
  // A file of somebody else, or on a disk that is read only, is of use as well.
  await file.utimes(now / 1000, now / 1000).catch(() => undefined);
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Puts a whole file in place at once: when this returns it is on the disk, and no reader ever saw a part of it. */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  temporaryName: TemporaryName,
): Promise<void> {
  const folder = dirname(path);
  await ensureDurableFolder(folder);
  const temporary = join(folder, temporaryName());
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
  await syncFolder(folder);
}

/** Creates a file that must not exist yet, 0600, and waits until the disk has it. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes names that were created or removed in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    // Windows opens no folders, and keeps names in order without this.
    if (!isFileError(error, 'EPERM', 'EISDIR', 'EACCES', 'EINVAL')) throw error;
  } finally {
    await handle?.close();
  }
}

/**
 * Makes a folder, 0700, and what it lies in. When this returns, the names of all that were made are on the disk: what is
 * written durably into a folder is lost with the folder otherwise.
 *
 * @param sync what makes the names in a folder last
 * @throws the system's error
 */
export async function ensureDurableFolder(
  path: string,
  sync: (folder: string) => Promise<void> = syncFolder,
): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  let folder = resolve(path);
  do {
    folder = dirname(folder);
    await sync(folder);
  } while (folder.length > top.length);
}

/** Removes a file that another process may have removed already. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error;
  }
}

/** Removes what lies at a path, whatever it is: a folder with all that is in it; of a link the link. */
export async function removeAnything(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Makes a folder, 0700, in the place of what else lies there, such as a link that leads away. */
export async function ensureRealFolder(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isDirectory()) await removeAnything(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
}
