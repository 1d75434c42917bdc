const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
const LONGEST_OUTAGE_MS = 10_000;

/**
 * How long a job that has failed `failures` times in a row waits, in milliseconds: twice as long each time, up to five
 * minutes, more or less a quarter. A database that is out of reach is looked for every ten seconds.
 *
 * @param random from 0 to below 1
 */
export function retryBreakMs(failures: number, isOutage: boolean, random: number): number {
  const doubled = FIRST_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 20);
  return Math.round(Math.min(doubled, isOutage ? LONGEST_OUTAGE_MS : LONGEST_MS) * (0.75 + random / 2));
}
