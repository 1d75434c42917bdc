import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StartError } from './start-error.js';

/**
 * Creates the data directory with mode 0700, and what of its path is missing. One that is there stays as it is.
 *
 * @throws StartError `datadir.unusable`
 */
export async function makeDataDir(dir: string): Promise<void> {
  const path = resolve(dir);
  try {
    await makeWithParents(path);
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    throw new StartError(
      'datadir.unusable',
      isFile
        ? `the data directory ${path} cannot be made: it, or a part of its path, is no folder`
        : `the data directory ${path} cannot be made: ${code}`,
      'choose a folder that this user can write: --data-dir DIR, or SHEAF_DATA_DIR',
      cause,
    );
  }
}

/** Step by step: `mkdir` with `recursive` never ends where a parent that is there refuses to have children, as in /proc. */
async function makeWithParents(path: string): Promise<void> {
  const missing: string[] = [];
  for (let each = path; !(await isFolder(each)); each = dirname(each)) missing.push(each);
  for (const each of missing.reverse())
    await mkdir(each, { mode: 0o700 }).catch(async (error: unknown) => {
      // Somebody else may have been quicker.
      if (!(await isFolder(each))) throw error;
    });
}

/** The root is one, so that every walk upwards ends. @throws what `stat` throws, but that there is nothing */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && path !== dirname(path)) return false;
    throw error;
  }
  throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR' });
}
