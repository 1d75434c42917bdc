import { sql } from 'kysely';
import type { Db } from '../db/connection.js';

/** What is known of a job's runs, in all processes. */
export interface RunState {
  readonly failures: number;
  /** Whether the next run is not due yet. */
  readonly isEarly: boolean;
}

/** Where the runs of jobs are kept: one row for each job. */
export interface RunRecords {
  find(name: string): Promise<RunState>;
  succeeded(name: string, nextInMs: number, before: RunState): Promise<void>;
  failed(name: string, nextInMs: number, error: string): Promise<void>;
}

/** Jobs that run more often than this are not written down each time. */
export const SHARED_PACE_MS = 60_000;
const MAX_ERROR_LENGTH = 500;

export function recordRuns(db: Db): RunRecords {
  return {
    find: async (name) => {
      const row = await db
        .selectFrom('jobs')
        .select(['failures', sql<boolean>`next_at > now()`.as('isEarly')])
        .where('name', '=', name)
        .executeTakeFirst();
      return row ?? { failures: 0, isEarly: false };
    },
    succeeded: async (name, nextInMs, before) => {
      // A row a second would be much to write for saying that nothing happened.
      const isSlow = nextInMs >= SHARED_PACE_MS;
      if (!isSlow && before.failures === 0) return;
      await sql`
        insert into jobs (name, next_at, succeeded_at)
        values (${name}, ${soon(isSlow ? nextInMs : 0)}, now())
        on conflict (name) do update set
          next_at = excluded.next_at, succeeded_at = now(), failures = 0, last_error = null`.execute(db);
    },
    failed: async (name, nextInMs, error) => {
      const text = error.slice(0, MAX_ERROR_LENGTH);
      await sql`
        insert into jobs (name, next_at, failures, last_error) values (${name}, ${soon(nextInMs)}, 1, ${text})
        on conflict (name) do update set
          next_at = excluded.next_at, failures = jobs.failures + 1, last_error = excluded.last_error`.execute(
        db,
      );
    },
  };
}

function soon(ms: number) {
  return sql`now() + ${ms}::double precision * interval '1 millisecond'`;
}

/** The job that is written down each minute wherever jobs run at all. */
export const PULSE_JOB = 'expiry';

/** Whether any process has run, or tried, {@link PULSE_JOB} within so long, by the clock of the database. */
export async function hasPulse(db: Db, withinMs: number): Promise<boolean> {
  const row = await db
    .selectFrom('jobs')
    .select(
      sql<boolean>`next_at > now() - ${withinMs}::double precision * interval '1 millisecond'`.as('beats'),
    )
    .where('name', '=', PULSE_JOB)
    .executeTakeFirst();
  return row?.beats ?? false;
}

/** A job whose newest runs have failed, in whatever process. */
export interface FailingJob {
  readonly name: string;
  readonly failures: number;
  readonly lastError: string;
}

/** The jobs that fail, worst first. */
export async function failingJobs(db: Db): Promise<readonly FailingJob[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['name', 'failures', 'last_error'])
    .where('failures', '>', 0)
    .orderBy('failures', 'desc')
    .limit(20)
    .execute();
  return rows.map(({ name, failures, last_error }) => ({ name, failures, lastError: last_error ?? '' }));
}
