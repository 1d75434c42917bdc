import { open, type FileHandle } from 'node:fs/promises';
import { ignoreAbsent, reporting, tooLarge } from './filesystem-errors.js';
import { MAX_OBJECT_BYTES, ObjectStoreError, type ReadOptions } from './port.js';

/** Opens an object and uses it; undefined when there is none. */
export async function withObject<T>(
  root: string,
  path: string,
  options: Pick<ReadOptions, 'signal'> | undefined,
  use: (handle: FileHandle, sizeBytes: number) => Promise<T>,
): Promise<T | undefined> {
  options?.signal?.throwIfAborted();
  return reporting(root, async () => {
    const handle = await open(path, 'r').catch(ignoreAbsent);
    if (handle === undefined) return undefined;
    try {
      const file = await handle.stat();
      if (!file.isFile()) return undefined;
      const result = await use(handle, file.size);
      options?.signal?.throwIfAborted();
      return result;
    } finally {
      await handle.close();
    }
  });
}

export async function readExactly(
  handle: FileHandle,
  start: number,
  length: number,
  key: string,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let offset = 0;
  while (offset < length) {
    const { bytesRead } = await handle.read(buffer, offset, length - offset, start + offset);
    if (bytesRead === 0) {
      throw new ObjectStoreError('object.unavailable', `object ${key} ended while it was read`, {
        hint: 'restore the object from a backup or a mirror',
      });
    }
    offset += bytesRead;
  }
  return buffer;
}

export function assertSize(key: string, sizeBytes: number, options: ReadOptions | undefined): void {
  const limit = Math.min(options?.maxBytes ?? MAX_OBJECT_BYTES, MAX_OBJECT_BYTES);
  if (sizeBytes > limit) throw tooLarge(key, sizeBytes, limit);
}

export function assertRange(start: number, endInclusive: number): void {
  if (
    !Number.isSafeInteger(start) ||
    !Number.isSafeInteger(endInclusive) ||
    start < 0 ||
    endInclusive < start
  ) {
    throw invalidRange('is malformed');
  }
}

export function invalidRange(problem: string): ObjectStoreError {
  return new ObjectStoreError('object.range_invalid', `the byte range ${problem}`, {
    hint: 'ask for 0 <= start <= end, with start below the size of the object',
  });
}
