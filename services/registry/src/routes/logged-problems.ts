import type { ProblemCode } from '@sheaf/client/contract';

/** What may become of a change that the log must confirm. */
export const LOGGED_PROBLEMS = [
  'service.log_lagging',
  'service.storage_down',
  'log.frozen',
] as const satisfies readonly ProblemCode[];
