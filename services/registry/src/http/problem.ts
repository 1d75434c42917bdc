import { PROBLEMS, type Problem } from '@sheaf/client/contract';
import { isDatabaseOutage } from '../db/outage.js';
import { RegistryError } from '../domain/error.js';
import { ObjectStoreError } from '../objects/port.js';

/** The answer for an error. What is not a `RegistryError` gets fixed text, so that nothing internal leaves the process. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = findKnown(error);
  const code = known?.code ?? 'internal.error';
  const kind = PROBLEMS[code];
  return {
    // Of this registry: a page says what it means (RFC 9457 §3.1.1).
    type: `/errors/${code}`,
    title: kind.title,
    status: kind.status,
    detail: known?.message ?? 'the registry could not complete the request',
    code,
    requestId,
    remedy: kind.remedy,
    ...(known?.options.errors && { errors: [...known.options.errors] }),
    ...(known?.options.digest !== undefined && { digest: known.options.digest }),
  };
}

/** What the caller may know of an error: ours, or that a service behind this one does not answer. */
function findKnown(error: unknown): RegistryError | undefined {
  if (error instanceof RegistryError) return error;
  if (isDatabaseOutage(error))
    return new RegistryError('service.database_down', 'the database does not answer', { cause: error });
  if (error instanceof ObjectStoreError && error.code === 'object.unavailable') {
    return new RegistryError('service.storage_down', 'the object store does not answer', { cause: error });
  }
  return undefined;
}
