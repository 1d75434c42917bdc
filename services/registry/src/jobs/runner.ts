import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { Db } from '../db/connection.js';
import { describeError } from '../describe-error.js';
import type { Metrics } from '../observability/metrics.js';
import type { Job, JobHealth } from './job.js';
import { createJobLoop, type JobLoop } from './loop.js';
import { openLockSession } from './lock-session.js';
import { recordRuns } from './runs.js';

export interface JobRunnerDeps {
  readonly db: Db;
  readonly metrics: Pick<Metrics, 'job'>;
  readonly log: Logger;
  readonly elapsedMs: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface JobRunner {
  /** Ends each job between two units of its work. Resolves when none runs any more. */
  stop(): Promise<void>;
  /** Has a job run soon; nothing happens when there is no such job. */
  kick(name: string): void;
  health(): readonly JobHealth[];
}

/**
 * Runs each job again and again until it is stopped. A job of the whole registry runs in one process at a time: a run
 * holds an advisory lock of the database. One that throws is tried again, after longer and longer breaks.
 */
export function startJobs(deps: JobRunnerDeps, jobs: readonly Job[]): JobRunner {
  const { db, metrics, log, elapsedMs, random } = deps;
  const locks = openLockSession(db);
  const runs = recordRuns(db);
  const stopping = new AbortController();
  // Every job listens, and every run of one: that is not the leak that Node takes more than ten for.
  setMaxListeners(2 * jobs.length, stopping.signal);
  const loops = new Map<string, JobLoop>();
  for (const job of jobs) {
    if (loops.has(job.name)) throw new Error(`there are two jobs called ${job.name}`);
    const report = (outcome: { readonly ms: number; readonly error?: unknown }) => {
      metrics.job(job.name, outcome.error === undefined ? 'ok' : 'error', outcome.ms);
      if (outcome.error === undefined) return;
      log.error({ job: job.name, error: describeError(outcome.error) }, 'a job failed and is tried again');
    };
    loops.set(
      job.name,
      createJobLoop({ job, locks, runs, elapsedMs, random, report, stopped: stopping.signal }),
    );
  }
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([...loops.values()].map((loop) => loop.ended));
      await locks.close();
    },
    kick: (name) => loops.get(name)?.kick(),
    health: () => [...loops.values()].map((loop) => loop.health()),
  };
}
