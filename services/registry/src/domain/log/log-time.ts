import { LogFrozenError } from './frozen.js';

/** What the time of a batch is taken from, in seconds since the epoch. */
export interface LogClocks {
  /** Of the machine that signs. */
  readonly ownSeconds: number;
  /** Of the database. */
  readonly databaseSeconds: number;
  /** Of the newest leaf. */
  readonly lastSeconds: number;
}

/** More than clocks differ that are set at all. */
const MAX_AHEAD_SECONDS = 3_600;

/**
 * Refuses to sign with a clock that is far ahead of the database's: the log's time never runs backwards, so one such
 * batch would set it for ever.
 *
 * @returns whether the log's time is far ahead already, because both clocks were; leaves then get its last time until the
 *   clocks have come as far
 * @throws LogFrozenError
 */
export function checkClocks(
  origin: string,
  { ownSeconds, databaseSeconds, lastSeconds }: LogClocks,
): 'time_ahead' | 'ok' {
  const limit = databaseSeconds + MAX_AHEAD_SECONDS;
  if (ownSeconds > limit) {
    throw new LogFrozenError(
      `the clock of the machine that signs log ${origin} is ${Math.round(ownSeconds - databaseSeconds)} seconds ahead of its database's`,
      'set the clocks of both machines, for instance with NTP; the log then goes on by itself',
    );
  }
  return lastSeconds > limit ? 'time_ahead' : 'ok';
}
