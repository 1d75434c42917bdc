import type { SqlDatabase } from './database.js';

interface Job {
  readonly durable: boolean;
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * How long a write that nobody waits for may wait for one that somebody does, in milliseconds: what is said of a process that ends at
 * once is written with its end.
 */
const LINGER_MS = 3;

/** Gathers the writes of one tick into one transaction, so that many steps that end together cost one wait for the disk. */
export interface GroupCommit {
  /**
   * `write` runs inside the transaction, in the order of submission. Resolves after the commit; rejects when the transaction fails, and
   * then nothing of it is kept. What is not durable may come a few milliseconds later.
   */
  submit(write: () => void, options: { readonly durable: boolean }): Promise<void>;
}

export function createGroupCommit(database: SqlDatabase): GroupCommit {
  let jobs: Job[] = [];
  // In WAL mode NORMAL does not wait for the disk at commit: that survives this process, not the machine (sqlite.org/pragma.html).
  let mode: 'FULL' | 'NORMAL' | undefined;
  let linger: NodeJS.Timeout | undefined;
  let isDue = false;

  function flush(): void {
    clearTimeout(linger);
    linger = undefined;
    isDue = false;
    const batch = jobs;
    jobs = [];
    try {
      const wanted = batch.some((job) => job.durable) ? 'FULL' : 'NORMAL';
      if (wanted !== mode) database.exec(`PRAGMA synchronous = ${wanted}`);
      mode = wanted;
      database.transaction(() => {
        for (const job of batch) job.write();
      });
      for (const job of batch) job.resolve();
    } catch (error) {
      for (const job of batch) job.reject(error);
    }
  }

  return {
    submit: (write, { durable }) =>
      new Promise((resolve, reject) => {
        jobs.push({ durable, write, resolve, reject });
        if (isDue) return;
        if (durable) {
          isDue = true;
          setImmediate(flush);
        } else linger ??= setTimeout(flush, LINGER_MS);
      }),
  };
}
