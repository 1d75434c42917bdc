import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldLock, LockSession } from '../jobs/lock-session.js';
import { SWEEP_JOB } from './sweep-job.js';

const POLL_MS = 250;
/** Longer than a part of a sweep takes, which is when the service gives the lock back. */
const WAIT_MS = 60_000;

/** The lock of whoever sweeps, or must not be swept beside; undefined when another one keeps it for long. */
export async function lockSweeps(
  locks: Pick<LockSession, 'tryLock'>,
  signal: AbortSignal,
): Promise<HeldLock | undefined> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const lock = await locks.tryLock(SWEEP_JOB);
    if (lock !== undefined) return lock;
    await sleep(POLL_MS, undefined, { signal });
  }
  return undefined;
}
