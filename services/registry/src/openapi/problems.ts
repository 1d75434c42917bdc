import type { ProblemCode } from '@sheaf/client/contract';
import type { Operation } from '../http/operation.js';

const BODY_PROBLEMS = [
  'request.too_large',
  'request.timeout',
  'request.unsupported_media_type',
] as const satisfies readonly ProblemCode[];

/** What finding out who a caller is may end with. */
const CALLER_PROBLEMS = [
  'auth.token_invalid',
  'auth.suspended',
  'auth.provider_down',
] as const satisfies readonly ProblemCode[];

/** Every problem that an operation may answer: its own, and those that any endpoint of its kind may, each once. */
export function problemsOf(method: string, operation: Operation): readonly ProblemCode[] {
  return [...new Set([...operation.problems, ...commonProblems(method, operation)])];
}

function commonProblems(method: string, { access, request, responses }: Operation): readonly ProblemCode[] {
  const isWrite = method !== 'get';
  const looksAtCaller = access !== 'public';
  const needsAccount = access === 'signed-in' || access === 'admin';
  return [
    'internal.error',
    'service.database_down',
    'rate.limited',
    // Of a malformed request that nothing has taken apart yet, too.
    'request.invalid',
    'request.headers_too_large',
    ...(isWrite || needsAccount ? (['registry.mirror'] as const) : []),
    ...(looksAtCaller ? CALLER_PROBLEMS : []),
    // To look at a caller, and to send what is large, both take their turn.
    ...(looksAtCaller || !isWrite ? (['service.busy'] as const) : []),
    // A browser's session must not be used by pages of other sites.
    ...(looksAtCaller && isWrite ? (['auth.cross_site'] as const) : []),
    ...(needsAccount ? (['auth.required'] as const) : []),
    // Rights are looked at once more when a body took its time.
    ...(access === 'admin' || (looksAtCaller && request) ? (['auth.role_missing'] as const) : []),
    ...(request ? BODY_PROBLEMS : []),
    ...(Object.values(responses).some((r) => r.isRepresentation) ? (['range.not_satisfiable'] as const) : []),
  ];
}
