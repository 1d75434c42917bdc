import type { RetryPolicy } from './retry.js';

/** Longer than anybody waits, and short enough for every timer. */
const MAX_MS = 24 * 60 * 60 * 1000;
const MAX_RETRIES = 100;

/** @throws RangeError for what is no time, or no number of attempts */
export function assertLimits({
  timeoutMs,
  retry,
}: {
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
}): void {
  assertWhole('timeoutMs', timeoutMs, { from: 1, to: MAX_MS });
  assertWhole('retry.retries', retry.retries, { from: 0, to: MAX_RETRIES });
  assertWhole('retry.maxDelayMs', retry.maxDelayMs, { from: 0, to: MAX_MS });
}

function assertWhole(
  name: string,
  value: number,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new RangeError(`${name} must be a whole number from ${from} to ${to}, and is ${String(value)}`);
}
