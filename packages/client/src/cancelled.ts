import { ClientError } from './errors.js';

/** The error when a caller wants no answer any more. */
export function cancelled(cause: unknown): ClientError {
  return new ClientError('operation.cancelled', 'cancelled', { cause });
}

/** The error of what was still under way when its client was closed, and of what is asked of it later. */
export function closed(cause?: unknown): ClientError {
  return new ClientError('operation.cancelled', 'the client was closed', {
    hint: 'close a client once nothing is waited for, and open another to go on',
    cause,
  });
}

/** @throws ClientError `operation.cancelled` once the signal is aborted */
export function assertGoesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal.reason);
}

/**
 * Waits for work that somebody else has written, which may know of no signal: it is told by a signal of its own when
 * one of the given ones is aborted, and is not waited for any longer. What it comes to then is nobody's.
 *
 * @param makeError the error for a signal that is aborted
 */
export async function leaveOnAbort<T>(
  given: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => T | Promise<T>,
  makeError: (aborted: AbortSignal) => Error = ({ reason }) => cancelled(reason),
): Promise<T> {
  const signals = given.filter((signal) => signal !== undefined);
  if (signals.length === 0) return work(new AbortController().signal);
  const findAborted = () => signals.find(({ aborted }) => aborted);
  const before = findAborted();
  if (before !== undefined) throw makeError(before);
  const own = new AbortController();
  // One listener however many calls share a signal.
  const either = AbortSignal.any(signals);
  const wait = { signals, either };
  let leave = (): void => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => {
      const aborted = findAborted();
      if (aborted === undefined) return;
      reject(makeError(aborted));
      own.abort(aborted.reason);
    };
  });
  either.addEventListener('abort', leave, { once: true });
  waits.add(wait);
  try {
    return await Promise.race([Promise.resolve().then(() => work(own.signal)), left]);
  } catch (error) {
    // What is thrown because of the signal is its consequence.
    const aborted = findAborted();
    throw aborted === undefined ? error : makeError(aborted);
  } finally {
    either.removeEventListener('abort', leave);
    waits.delete(wait);
  }
}

/** Signals hold those that are made of them weakly, and work that never ends may hold nothing at all. */
const waits = new Set<object>();
