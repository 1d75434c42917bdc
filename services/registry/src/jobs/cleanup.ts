import { REMOVED_AT_ONCE } from '../db/cleanup-queries.js';
import type { Job } from './job.js';

/** Removes some of what is over; answers how much. */
export type Removal = () => Promise<number>;

/** A job that removes things, some at a time, until there is nothing left to remove. */
export function removalJob(name: string, everyMs: number, removals: readonly Removal[]): Job {
  return {
    name,
    everyMs,
    run: async (signal) => {
      let more = false;
      for (const remove of removals) {
        if (signal.aborted) return { more: false };
        if ((await remove()) >= REMOVED_AT_ONCE) more = true;
      }
      return { more };
    },
  };
}
