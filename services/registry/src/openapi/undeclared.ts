import type { Problem } from '@sheaf/client/contract';
import type { Logger } from 'pino';
import type { Operation } from '../http/operation.js';
import { problemsOf } from './problems.js';

interface Declared {
  readonly method: string;
  readonly operation: Operation;
}

/** What is told of a problem that callers could not have known of. */
export const UNDECLARED = 'a problem was answered that the description of the API does not name';

/**
 * Tells of every problem that was answered though its operation does not declare it, which is a mistake of ours: once for
 * each operation and code. The id is that of the operation that a request is for; one that is for none has no problems to
 * declare.
 */
export function reportUndeclared(
  log: Pick<Logger, 'error'>,
  routes: readonly Declared[],
): (operationId: string | undefined, problem: Problem) => void {
  const declared = new Map(routes.map((route) => [route.operation.id, route]));
  const told = new Set<string>();
  return (operationId, { code, requestId }) => {
    const route = declared.get(operationId ?? '');
    if (route === undefined || problemsOf(route.method, route.operation).some((one) => one === code)) return;
    const what = `${route.operation.id} ${code}`;
    if (told.has(what)) return;
    told.add(what);
    log.error({ operation: route.operation.id, 'error.code': code, 'request.id': requestId }, UNDECLARED);
  };
}
