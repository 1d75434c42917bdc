import { isDatabaseOutage } from '../db/outage.js';
import type { Job, JobHealth } from './job.js';
import type { LockSession } from './lock-session.js';
import { retryBreakMs } from './pace.js';
import { SHARED_PACE_MS, type RunRecords } from './runs.js';

export interface JobLoop {
  kick(): void;
  health(): JobHealth;
  /** Resolves when it has stopped; never rejects. */
  readonly ended: Promise<void>;
}

export interface JobLoopDeps {
  readonly job: Job;
  readonly locks: Pick<LockSession, 'tryLock'>;
  readonly runs: RunRecords;
  readonly elapsedMs: () => number;
  readonly random: () => number;
  /** Told of each run that was made or could not be made. */
  readonly report: (outcome: { readonly ms: number; readonly error?: unknown }) => void;
  readonly stopped: AbortSignal;
}

/** Another process has the lock: it may have looked before what this one was kicked for. */
const KICKED_AGAIN_MS = 250;

/** Runs one job over and over, from now until `stopped`. */
export function createJobLoop(deps: JobLoopDeps): JobLoop {
  const { job, stopped, elapsedMs, random, report } = deps;
  let failures = 0;
  let lastError: string | undefined;
  let isKicked = false;
  let wake: (() => void) | undefined;

  /** Waits, unless it was kicked or stopped meanwhile. */
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (isKicked || stopped.aborted) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const wakeUp = () => wake?.();
  stopped.addEventListener('abort', wakeUp, { once: true });

  const fail = async (error: unknown, ms: number): Promise<number> => {
    failures += 1;
    lastError = oneLine(error);
    report({ ms, error });
    const breakMs = retryBreakMs(failures, isDatabaseOutage(error), random());
    if (job.scope !== 'process') await deps.runs.failed(job.name, breakMs, lastError).catch(() => undefined);
    return breakMs;
  };

  /** One run, when it is this process's turn; answers how long to wait for the next. */
  const turn = async (wasKicked: boolean): Promise<number> => {
    const startedMs = elapsedMs();
    try {
      const run = await takeTurn(deps, wasKicked);
      if (run === 'elsewhere') return wasKicked ? KICKED_AGAIN_MS : job.everyMs;
      if (run === 'early') return Math.min(job.everyMs, SHARED_PACE_MS);
      report({ ms: elapsedMs() - startedMs });
      failures = 0;
      lastError = undefined;
      return run.more ? 0 : job.everyMs;
    } catch (error) {
      if (stopped.aborted) return 0;
      return fail(error, elapsedMs() - startedMs);
    }
  };

  const live = async () => {
    // Processes that start together do not all ask at once.
    let waitMs = random() * Math.min(job.everyMs, 1_000);
    for (;;) {
      await pause(waitMs);
      wake = undefined;
      if (stopped.aborted) return;
      const wasKicked = isKicked;
      isKicked = false;
      waitMs = await turn(wasKicked && failures === 0);
      // A kick must not shorten the break after a failure.
      if (failures > 0) isKicked = false;
    }
  };
  return {
    kick: () => {
      if (failures > 0) return;
      isKicked = true;
      wake?.();
    },
    health: () => ({ name: job.name, failures, lastError }),
    ended: live(),
  };
}

async function takeTurn(
  deps: JobLoopDeps,
  wasKicked: boolean,
): Promise<{ readonly more: boolean } | 'elsewhere' | 'early'> {
  const { job, locks, runs, stopped } = deps;
  if (job.scope === 'process') return (await job.run(stopped)) ?? { more: false };
  const lock = await locks.tryLock(job.name);
  if (!lock) return 'elsewhere';
  try {
    const before = await runs.find(job.name);
    const isShared = job.everyMs >= SHARED_PACE_MS || before.failures > 0;
    if (isShared && before.isEarly && !(wasKicked && before.failures === 0)) return 'early';
    const outcome = await withEither([stopped, lock.lost], (signal) => job.run(signal));
    const more = outcome?.more ?? false;
    await runs.succeeded(job.name, more ? 0 : job.everyMs, before);
    return { more };
  } finally {
    await lock.release();
  }
}

/** Runs with a signal that is aborted as soon as one of the given ones is; nothing of it outlives the run. */
async function withEither<T>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const abort = () => {
    either.abort();
  };
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  }
  try {
    return await run(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  }
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').slice(0, 500);
}
