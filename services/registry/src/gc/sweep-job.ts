import type { Job } from '../jobs/job.js';
import {
  DEFAULT_GRACE_MS,
  finishSweeps,
  storeTimeMs,
  SWEEP_PARTS,
  sweepPart,
  type SweepDeps,
} from './sweep.js';

/** Names the job, and the lock that keeps two sweeps from running at once. */
export const SWEEP_JOB = 'blob-sweep';
/** So many parts at a run: then others have their turn. */
const PARTS_AT_A_RUN = 16;
const EVERY_MS = 6 * 60 * 60 * 1000;

/** Removes blobs that nothing has named for a day, part after part. */
export function sweepJob(deps: SweepDeps): Job {
  let next = 0;
  return {
    name: SWEEP_JOB,
    everyMs: EVERY_MS,
    run: async (signal) => {
      const storeNowMs = await storeTimeMs(deps.objects);
      const options = { graceMs: DEFAULT_GRACE_MS, storeNowMs, isDryRun: false, signal };
      if (next === 0) await finishSweeps(deps, signal);
      const end = Math.min(next + PARTS_AT_A_RUN, SWEEP_PARTS);
      for (; next < end; next += 1) await sweepPart(deps, next, options);
      const more = next < SWEEP_PARTS;
      if (!more) next = 0;
      return { more };
    },
  };
}
