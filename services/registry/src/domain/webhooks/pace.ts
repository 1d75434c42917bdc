/** An event is sent so often before it is given up: over about a day. */
export const MAX_ATTEMPTS = 10;
const FIRST_RETRY_MS = 5_000;
const GROWTH = 4;
const LONGEST_RETRY_MS = 8 * 3_600_000;
const LONGEST_PAUSE_MS = 300_000;
/** A webhook that has only failed for so long is stopped. */
export const DISABLED_AFTER_MS = 5 * 86_400_000;

/**
 * How long a delivery waits after its failed attempt number `attempts`, in milliseconds: four times as long each time, up
 * to eight hours, more or less a fifth; longer when the receiver asks for it. Undefined when it is given up.
 *
 * @param random from 0 to below 1
 */
export function nextAttemptMs(
  attempts: number,
  random: number,
  retryAfterMs: number | undefined,
): number | undefined {
  if (attempts >= MAX_ATTEMPTS) return undefined;
  const planned = Math.min(FIRST_RETRY_MS * GROWTH ** (attempts - 1), LONGEST_RETRY_MS);
  const jittered = Math.round(planned * (0.8 + 0.4 * random));
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_MS));
}

/** How long an endpoint is left alone after so many failures in a row, whatever else waits for it. */
export function pauseMs(failures: number): number {
  return Math.min(2 ** Math.min(failures, 20) * 1_000, LONGEST_PAUSE_MS);
}
