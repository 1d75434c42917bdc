import { randomBytes } from 'node:crypto';
import { fstatSync, writeFileSync, type Stats } from 'node:fs';
import { access, appendFile, constants, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** How a file is written. */
export interface WriteOptions {
  /** Permissions; without it those of the file that is there, or what is usual on this machine. */
  readonly mode?: number | undefined;
  /** Whether the bytes are on the disk before they take their place. */
  readonly sync?: boolean;
}

/**
 * Writes a file whole or not at all, over an earlier one. A link stays one: what it points to is replaced. What is there
 * and no regular file, such as a pipe or `/dev/stdout`, is written into.
 *
 * @throws the system's error; an error when it is a folder
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { mode, sync = false }: WriteOptions = {},
): Promise<void> {
  const place = await findPlace(path);
  if (place.kind === 'special') await appendFile(path, content);
  else if (place.kind === 'stream') writeFileSync(place.fd, content);
  else {
    const temporary = await writeBeside(place.path, content, { mode: mode ?? place.mode, sync });
    try {
      await rename(temporary, place.path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** Writes what can take the place of a file by a rename, in the same folder; its path. @throws the system's error */
export async function writeBeside(
  path: string,
  content: string | Uint8Array,
  { mode, sync = false }: WriteOptions,
): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', mode).catch((error: unknown) => {
    // Nobody asked for a file of that name: what is wrong is the folder.
    throw Object.assign(error as NodeJS.ErrnoException, { path: dirname(path) });
  });
  try {
    await file.writeFile(content);
    // Of the mode that the earlier file has, the umask would take some away.
    if (mode !== undefined) await file.chmod(mode);
    if (sync) await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temporary;
}

/** Whether {@link replaceFile} will have its way, as far as that can be known. @throws why not */
export async function assertReplaceable(path: string): Promise<void> {
  const place = await findPlace(path);
  if (place.kind !== 'stream')
    await access(place.kind === 'file' ? dirname(place.path) : path, constants.W_OK);
}

type Place =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number | undefined }
  /** An open stream of this process, which would write over what came through another opening of the same file. */
  | { readonly kind: 'stream'; readonly fd: number }
  | { readonly kind: 'special' };

async function findPlace(path: string): Promise<Place> {
  const there = await stat(path).catch(absent);
  if (there === undefined) {
    const target = await readlink(path).catch(absent);
    return {
      kind: 'file',
      path: target === undefined ? path : resolve(await realpath(dirname(path)), target),
      mode: undefined,
    };
  }
  if (there.isDirectory()) throw new Error(`${path} is a folder`);
  if (!there.isFile()) return { kind: 'special' };
  const fd = [1, 2].find((each) => isSame(there, each));
  if (fd !== undefined) return { kind: 'stream', fd };
  return { kind: 'file', path: await realpath(path), mode: there.mode & 0o777 };
}

function isSame(there: Stats, fd: number): boolean {
  try {
    const { ino, dev } = fstatSync(fd);
    return ino === there.ino && dev === there.dev;
  } catch {
    // It is closed.
    return false;
  }
}

/** No file, or (of readlink, EINVAL) no link. */
function absent(error: unknown): undefined {
  if (['ENOENT', 'EINVAL'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
  throw error;
}
