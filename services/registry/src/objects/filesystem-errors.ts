import { ObjectStoreError } from './port.js';

/** Turns what the file system refused into `object.unavailable`; an abort and our own errors pass as they are. */
export async function reporting<T>(root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof ObjectStoreError || code === undefined) throw error;
    throw new ObjectStoreError('object.unavailable', `the object store in ${root} does not work: ${code}`, {
      hint: 'check that its disk is mounted, has room and can be written by this user',
      cause: error,
    });
  }
}

/** For `.catch`: undefined for what is not there. */
export function ignoreAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

/** Whether it is not there. ENOTDIR: a part of the key is itself an object, so nothing is below it. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

export function tooLarge(key: string, sizeBytes: number, limit: number): ObjectStoreError {
  return new ObjectStoreError(
    'object.too_large',
    `object ${key} has ${sizeBytes} bytes, more than ${limit}`,
    {
      hint: 'read it in ranges',
    },
  );
}
