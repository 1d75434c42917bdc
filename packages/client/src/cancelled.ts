import { ClientError } from './errors.js';

/** The error when a caller wants no answer any more. */
export function cancelled(cause: unknown): ClientError {
  return new ClientError('operation.cancelled', 'cancelled', { cause });
}

/** @throws ClientError `operation.cancelled` once the signal is aborted */
export function assertGoesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal.reason);
}
