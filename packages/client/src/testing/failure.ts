import { expect } from 'vitest';
import { ClientError, type ClientErrorCode } from '../errors.js';

/** The error of a call that must fail with this code. */
export async function failure(work: Promise<unknown>, code: ClientErrorCode): Promise<ClientError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'ClientError', code });
  if (!(error instanceof ClientError)) throw new Error('not reached');
  expect(error.message).toMatch(/^[^\n]+[^.\n]$/);
  return error;
}

/** {@link failure}, of a call that is not asynchronous. */
export async function thrown(work: () => unknown, code: ClientErrorCode): Promise<ClientError> {
  return failure(
    Promise.resolve().then(() => work()),
    code,
  );
}
