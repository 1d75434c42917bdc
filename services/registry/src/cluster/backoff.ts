const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 10_000;
/** While nobody serves there is nothing that trying often could disturb. */
const MAX_DELAY_ALONE_MS = 500;
/** A worker that served for so long did not die of how it was started. */
const SETTLED_MS = 1_000;

/** How a worker ended. */
export interface WorkerEnd {
  /** How long it had served, in milliseconds; 0 when it never began to. */
  readonly servedMs: number;
  /** Whether others serve meanwhile. */
  readonly othersServe: boolean;
}

/** How long to wait before a worker is replaced. */
export interface Backoff {
  /** In milliseconds. */
  next(end: WorkerEnd): number;
}

/** Next to nothing after a worker that had served; longer and longer while they die of how they are started. */
export function createBackoff(): Backoff {
  let failures = 0;
  return {
    next: ({ servedMs, othersServe }) => {
      failures = servedMs >= SETTLED_MS ? 0 : failures + 1;
      const delayMs = FIRST_DELAY_MS * 2 ** Math.min(failures, 20);
      return Math.min(delayMs, othersServe ? MAX_DELAY_MS : MAX_DELAY_ALONE_MS);
    },
  };
}
