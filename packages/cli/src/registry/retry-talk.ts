/** A pause that is told to the person who waits. */
export interface Pause {
  readonly attempt: number;
  readonly delayMs: number;
}

/**
 * Whether a pause is worth a line: of requests that run side by side and fail together, each attempt is told once.
 *
 * @param now milliseconds
 */
export function createRetryTalk(now: () => number): (pause: Pause) => boolean {
  let told = { attempt: 0, untilMs: -Infinity };
  return ({ attempt, delayMs }) => {
    const nowMs = now();
    if (nowMs < told.untilMs && attempt <= told.attempt) return false;
    told = { attempt, untilMs: nowMs + delayMs };
    return true;
  };
}
