import { printable } from '../terminal/escape.js';
import { formatDuration } from '../terminal/text.js';

/** A pause that is told to the person who waits. */
export interface Pause {
  readonly attempt: number;
  /** How many attempts there are after the first request. */
  readonly retries: number;
  readonly delayMs: number;
  readonly error: { readonly message: string };
}

/**
 * The line that tells of a pause; undefined when it is not worth one: of requests that run side by side and fail together,
 * each attempt is told once. The reason is said once, too, while it stays the same.
 *
 * @param now milliseconds
 */
export function createRetryTalk(now: () => number): (pause: Pause) => string | undefined {
  let told = { attempt: 0, untilMs: -Infinity, message: '' };
  return ({ attempt, retries, delayMs, error: { message } }) => {
    const nowMs = now();
    if (nowMs < told.untilMs && attempt <= told.attempt) return undefined;
    const isSame = attempt > 1 && message === told.message;
    told = { attempt, untilMs: nowMs + delayMs, message };
    return `${isSame ? '  still' : printable(message)}; trying again in ${formatDuration(delayMs)} (${attempt} of ${retries})`;
  };
}
