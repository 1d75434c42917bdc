import type { Db } from '../../db/connection.js';
import { sortArrivals } from '../../db/search-arrivals.js';
import { applyRankChanges, findRankChanges } from '../../db/search-rank.js';
import { reindexVersions } from '../../db/search-reindex.js';
import type { Job } from '../../jobs/job.js';

const RANK_EVERY_MS = 5 * 60_000;
const MAX_RANK_CHANGES = 5_000;
/** Written at a time: a publish of one of these workflows waits for it. */
const RANK_BATCH = 100;
/** What has come since is read through by every search. */
const ARRIVALS_EVERY_MS = 5_000;
const REINDEX_EVERY_MS = 60_000;
const REINDEX_BATCH = 50;

/** What search needs done in the background. */
export function searchJobs({ db }: { readonly db: Db }): readonly Job[] {
  return [
    {
      name: 'search-rank',
      everyMs: RANK_EVERY_MS,
      run: async (signal) => ({ more: await rankEntries(db, signal) }),
    },
    {
      name: 'search-arrivals',
      everyMs: ARRIVALS_EVERY_MS,
      run: async () => {
        await sortArrivals(db);
        return undefined;
      },
    },
    {
      name: 'search-reindex',
      everyMs: REINDEX_EVERY_MS,
      run: async () => ({ more: (await reindexVersions(db, REINDEX_BATCH)) === REINDEX_BATCH }),
    },
  ];
}

/** Lets entries rank by their downloads and age of now. Answers whether there may be more to do. */
export async function rankEntries(db: Db, signal?: AbortSignal): Promise<boolean> {
  const changes = await findRankChanges(db, MAX_RANK_CHANGES);
  for (let at = 0; at < changes.length && signal?.aborted !== true; at += RANK_BATCH)
    await applyRankChanges(db, changes.slice(at, at + RANK_BATCH));
  return changes.length === MAX_RANK_CHANGES;
}
