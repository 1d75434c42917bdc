import { ClientError } from './errors.js';
import { isFileError } from './files.js';

/** The error for files of trust that cannot be read or written: what cannot be read is never taken for nothing. */
export function unusable(path: string, reason: string, cause?: unknown): ClientError {
  return new ClientError('trust.unusable', `the trust store ${path} cannot be used: ${reason}`, {
    hint: 'check its owner, its rights and the free space; if it is damaged, restore it from a copy or sign in to the registry again after removing it',
    cause,
  });
}

/** Does work in a trust store's folder. @throws ClientError `trust.unusable` when the file system does not let it */
export async function guarded<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFileError(error, 'EACCES', 'EPERM', 'ENOSPC', 'EROFS', 'ENOTDIR', 'ENOTSUP', 'EDQUOT', 'EIO'))
      throw error;
    throw unusable(dir, (error as Error).message.split(':')[0] ?? '', error);
  }
}
