import type { Retry } from '@sheaf/workflow';

/** A day: what is longer was a slip. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * How long to wait before the attempt that follows the failed one number `tries`. With jitter between half and all of it; what
 * part follows from the run, the step and the attempt, so that a replay waits as long.
 */
export function retryDelay(retry: Retry, tries: number, seed: string): number {
  const { backoff, delayMs, maxDelayMs = LONGEST_MS } = retry;
  const factor = backoff === 'constant' ? 1 : backoff === 'linear' ? tries : 2 ** Math.min(tries - 1, 40);
  const whole = Math.min(delayMs * factor, maxDelayMs, LONGEST_MS);
  return Math.round(retry.jitter ? whole * (0.5 + fraction(seed) / 2) : whole);
}

/** A number from 0 to 1 that a text always gives: FNV-1a, mixed as MurmurHash3 ends. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
