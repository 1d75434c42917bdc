import { printable } from '@sheaf/workflow';
import { leaveOnAbort } from './cancelled.js';
import { ClientError } from './errors.js';

/**
 * Asks what the user of this package gave to be asked: it is left at once when a signal is aborted, and what it throws
 * comes out as {@link failedCallback} makes it.
 *
 * @param name as it is called in the options
 */
export function askGiven<T>(
  name: string,
  signals: readonly (AbortSignal | undefined)[],
  ask: (signal: AbortSignal) => T | Promise<T>,
  makeError?: (aborted: AbortSignal) => Error,
): Promise<T> {
  const guarded = async (signal: AbortSignal): Promise<T> => {
    try {
      return await ask(signal);
    } catch (error) {
      throw failedCallback(name, error);
    }
  };
  return leaveOnAbort(signals, guarded, makeError);
}

/** An observer that was given, whose errors come out as {@link failedCallback} makes them. */
export function observer<A extends readonly unknown[]>(
  name: string,
  given: ((...told: A) => void) | undefined,
): (...told: A) => void {
  if (given === undefined) return () => undefined;
  return (...told) => {
    try {
      given(...told);
    } catch (error) {
      throw failedCallback(name, error);
    }
  };
}

/**
 * What a callback has thrown, as an error to branch on: one that has a code of its own in lower case, as this package's
 * have, stays as it is; all else becomes `callback.failed` and is its `cause`.
 */
function failedCallback(name: string, error: unknown): unknown {
  if (error instanceof Error && 'code' in error && /^[a-z][a-z0-9_.]*$/.test(String(error.code)))
    return error;
  const what = error instanceof Error ? error.message : String(error);
  return new ClientError('callback.failed', `${name} has failed: ${printable(what, 300)}`, {
    hint: `the error is that of the program's own ${name}, and its cause is what that has thrown`,
    cause: error,
  });
}
