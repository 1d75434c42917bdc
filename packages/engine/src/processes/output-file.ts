import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync, unlinkSync } from 'node:fs';

/**
 * Takes what a step left at `path` and removes it; undefined when it left nothing. A step may put anything there, so links are
 * not followed, pipes are not waited for, and no more than `maxBytes` is read.
 */
export function takeOutputFile(
  path: string,
  maxBytes: number,
): Uint8Array | 'too_large' | 'not_a_file' | undefined {
  if (!isThere(path)) return undefined;
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    rmSync(path, { recursive: true, force: true });
    return 'not_a_file';
  }
  try {
    const { size } = fstatSync(fd);
    if (!fstatSync(fd).isFile()) return 'not_a_file';
    if (size > maxBytes) return 'too_large';
    const bytes = new Uint8Array(size);
    let read = 0;
    while (read < size) {
      const count = readSync(fd, bytes, read, size - read, read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
    rmSync(path, { recursive: true, force: true });
  }
}

/** Removes what an earlier attempt left at `path`. @throws the system's error, of a folder as well */
export function clearOutputFile(path: string): void {
  if (!isThere(path)) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Most steps leave nothing, and an error that is made to be caught takes longer than looking. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
