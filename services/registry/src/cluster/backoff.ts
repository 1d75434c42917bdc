const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** A worker that lived so long did not die of how it was started. */
const LONG_LIFE_MS = 60_000;

/** How long to wait before a worker is replaced. */
export interface Backoff {
  /** `lifeMs`: how long the one that died had lived. */
  next(lifeMs: number): number;
}

/** Longer and longer while workers die soon after they were started; short again after one that lived. */
export function createBackoff(): Backoff {
  let deaths = 0;
  return {
    next: (lifeMs) => {
      if (lifeMs >= LONG_LIFE_MS) deaths = 0;
      deaths += 1;
      return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (deaths - 1));
    },
  };
}
