import { ClientError, isClientError } from '../errors.js';

/**
 * Whether the token goes along with a read: never, always, or only after the registry said that there is nothing to
 * be seen without one. What is private looks absent to strangers, and what is public says nothing of who reads it.
 */
export type Access = 'anonymous' | 'token' | 'anonymous-first';

/**
 * Reads, and where that is allowed once more with the token. When the token does not help, the first answer counts.
 *
 * @param read told whether to send the token
 */
export async function readWith<T>(
  access: Access,
  getToken: () => Promise<string | undefined>,
  read: (authenticate: boolean) => Promise<T>,
): Promise<T> {
  if (access !== 'anonymous-first') return read(access === 'token');
  try {
    return await read(false);
  } catch (error) {
    if (!isClientError(error) || error.problem?.status !== 404) throw error;
    return readAgain(error, getToken, read);
  }
}

async function readAgain<T>(
  absent: ClientError,
  getToken: () => Promise<string | undefined>,
  read: (authenticate: boolean) => Promise<T>,
): Promise<T> {
  try {
    if ((await getToken()) === undefined) throw absent;
    return await read(true);
  } catch (error) {
    if (!isTokenRefused(error)) throw error;
    throw new ClientError(absent.code, absent.message, {
      hint: `if it is private, sign in again: ${error.message}`,
      problem: absent.problem,
      cause: error,
    });
  }
}

/** A token that cannot be sent, or that the registry does not take. */
function isTokenRefused(error: unknown): error is ClientError {
  return isClientError(error) && (error.code.startsWith('auth.') || error.code === 'network.insecure');
}
