import type { CountedDownloads } from '../../db/download-queries.js';

/**
 * Counts downloads in memory and adds them to the database in batches: a crash loses those of the last seconds, never a
 * row, and no download waits for it.
 */
export interface DownloadCounter {
  count(versionId: number): void;
  /** Adds what was counted so far; what cannot be added is kept for the next time. @throws what `add` throws */
  flush(): Promise<void>;
}

export interface DownloadCounterDeps {
  readonly add: (counts: readonly CountedDownloads[]) => Promise<void>;
  readonly now: () => number;
}

/** So many pairs of version and day wait at most, while the database is out of reach; further versions are not counted. */
const MAX_WAITING = 100_000;
/** So many are added by one statement. */
const BATCH = 5_000;
const DAY_MS = 86_400_000;

export function createDownloadCounter({ add, now }: DownloadCounterDeps): DownloadCounter {
  /** By day since the epoch, then by version. */
  const waiting = new Map<number, Map<number, number>>();
  let size = 0;
  let flushing: Promise<void> | undefined;

  const addTo = (day: number, versionId: number, count: number) => {
    const versions = waiting.get(day) ?? new Map<number, number>();
    const known = versions.get(versionId);
    if (known === undefined) {
      if (size >= MAX_WAITING) return;
      size += 1;
      waiting.set(day, versions);
    }
    versions.set(versionId, (known ?? 0) + count);
  };

  const take = (): CountedDownloads[] => {
    const taken = [...waiting].flatMap(([day, versions]) =>
      [...versions].map(([versionId, count]) => ({ versionId, day: dayText(day), count })),
    );
    waiting.clear();
    size = 0;
    return taken;
  };

  const flush = async (): Promise<void> => {
    const taken = take();
    for (let at = 0; at < taken.length; at += BATCH) {
      try {
        await add(taken.slice(at, at + BATCH));
      } catch (error) {
        for (const { day, versionId, count } of taken.slice(at))
          addTo(Date.parse(day) / DAY_MS, versionId, count);
        throw error;
      }
    }
  };

  return {
    count: (versionId) => {
      addTo(Math.floor(now() / DAY_MS), versionId, 1);
    },
    flush: async () => {
      // One at a time: who asks during another waits for it and adds the rest.
      await flushing?.catch(() => undefined);
      flushing = flush().finally(() => {
        flushing = undefined;
      });
      await flushing;
    },
  };
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
