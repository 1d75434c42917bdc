import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import { isDatabaseOutage } from '../../db/outage.js';
import { KeysBusyError, recordGroups, type VersionGroup } from './record.js';

/** Stores verified versions. */
export interface Recorder {
  /**
   * Stores a group in one transaction, which groups that others bring at the same time may share. It is committed when the
   * call resolves, and outlives a power cut once the log has placed it. Answers the ids of the versions, in order.
   *
   * @throws RegistryError `key.revoked`, `key.threshold`, `quota.exceeded`; the database's unique violation of `versions_unique`,
   *   and what `isBlobSwept` knows
   */
  record(group: VersionGroup): Promise<readonly number[]>;
}

interface Waiting {
  readonly group: VersionGroup;
  readonly resolve: (ids: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds how long a transaction takes, and so how long those who come next wait. */
const MAX_BATCH_VERSIONS = 64;

/**
 * A group commit: while one transaction runs, those who come wait, and then share the next. A lone publisher never waits.
 * A batch that fails is done again, each group for itself, so that nobody is refused for what another one sent.
 */
export function createRecorder({ db, limits }: { readonly db: Db; readonly limits: LimitsConfig }): Recorder {
  const waiting: Waiting[] = [];
  let isRunning = false;

  const recordTogether = (groups: readonly VersionGroup[], mayWait: boolean) =>
    db.transaction().execute((trx) => recordGroups(trx, limits, groups, mayWait));

  const recordAlone = async ({ group, resolve, reject }: Waiting): Promise<void> => {
    try {
      const [ids = []] = await recordTogether([group], true);
      resolve(ids);
    } catch (error) {
      reject(error);
    }
  };

  const recordBatch = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const ids = await recordTogether(
        batch.map(({ group }) => group),
        false,
      );
      for (const [i, { resolve }] of batch.entries()) resolve(ids[i] ?? []);
    } catch (error) {
      const isDecided = isDatabaseOutage(error) || (batch.length === 1 && !(error instanceof KeysBusyError));
      if (isDecided) for (const { reject } of batch) reject(error);
      // Not waited for: one that waits for a key to be changed holds up nobody else.
      else for (const each of batch) void recordAlone(each);
    }
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) await recordBatch(takeBatch(waiting));
    isRunning = false;
  };

  return {
    record: (group) =>
      new Promise((resolve, reject) => {
        waiting.push({ group, resolve, reject });
        if (!isRunning) void run();
      }),
  };
}

/** The first ones in line: at least one group, and no more than a batch holds. */
function takeBatch(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  let versions = 0;
  for (const { group } of waiting) {
    versions += group.records.length;
    if (count > 0 && versions > MAX_BATCH_VERSIONS) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
