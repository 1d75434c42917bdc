import type { Db } from '../../db/connection.js';
import { pruneTrusted } from '../../db/ephemeral-queries.js';
import type { Job } from '../../jobs/job.js';

const BATCH = 1000;

/** Removes ephemeral keys whose time is long over, and identity tokens that could not be used again anyway. */
export function pruneTrustedJob({ db, now }: { readonly db: Db; readonly now: () => number }): Job {
  return {
    name: 'trusted.prune',
    everyMs: 15 * 60_000,
    run: async () => ({ more: (await pruneTrusted(db, new Date(now()), BATCH)) >= BATCH }),
  };
}
