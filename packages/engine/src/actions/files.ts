import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quote } from '@sheaf/workflow';
import { ActionError } from './action-error.js';

/** The largest file that becomes a value: outputs stand in the journal. */
export const MAX_TEXT_BYTES = 1_048_576;
const CHUNK_BYTES = 65_536;

/** Reads a text file of at most 1 MiB without following a link at its end. Throws ActionError `file.…`. */
export async function readTextFile(path: string): Promise<string> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    if (size > MAX_TEXT_BYTES) throw tooLarge(path, MAX_TEXT_BYTES);
    const buffer = new Uint8Array(MAX_TEXT_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > MAX_TEXT_BYTES) throw tooLarge(path, MAX_TEXT_BYTES);
    return decodeText(buffer.subarray(0, length), path);
  });
}

/** Text of UTF-8 bytes. Throws ActionError `file.failed` for anything else. */
export function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ActionError('file.failed', `${quote(path, 200)} is not UTF-8`, { cause });
  }
}

/** Checksum and size of a file of any size. Throws ActionError `file.…`. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly size: number }> {
  return withFile(path, async (file) => {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(CHUNK_BYTES);
    let size = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  });
}

/** Opens a regular file to read it; pipes and devices are refused, and a link at the end is not followed. */
export async function withFile<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    if (!(await file.stat()).isFile()) throw new ActionError('file.failed', `${quote(path, 200)} is no file`);
    return await read(file);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Puts a file in its place at once, making folders on the way: nobody sees half of it, and a link in its place is replaced. */
export async function writeFileAtomically(
  path: string,
  options: { readonly executable?: boolean },
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx', options.executable === true ? 0o777 : 0o666);
    try {
      await write(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause instanceof ActionError ? cause : fileError(cause, path);
  }
}

/** A failure of the file system as an ActionError; other errors as they are. */
export function fileError(cause: unknown, path: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  if (cause.code === 'ENOENT')
    return new ActionError('file.missing', `there is no file ${quote(path, 200)}`, { cause });
  const why =
    cause.code === 'ELOOP' ? 'it is a link' : cause.message.replace(/^[A-Z]+: /, '').replace(/, .*$/s, '');
  return new ActionError('file.failed', `${quote(path, 200)}: ${why}`, { cause });
}

function tooLarge(path: string, maxBytes: number): ActionError {
  return new ActionError('file.too_large', `${quote(path, 200)} is larger than ${maxBytes} bytes`, {
    hint: 'hand large files on by their path',
  });
}
