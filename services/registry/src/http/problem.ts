import { PROBLEMS, type Problem } from '@sheaf/client/contract';
import { RegistryError } from '../domain/error.js';

/** The answer for an error. What is not a `RegistryError` gets fixed text, so that nothing internal leaves the process. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = error instanceof RegistryError ? error : undefined;
  const code = known?.code ?? 'internal.error';
  const kind = PROBLEMS[code];
  return {
    type: `urn:sheaf:problem:${code}`,
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
