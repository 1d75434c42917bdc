import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import { isDatabaseOutage } from '../../db/outage.js';
import type { Logs } from '../log/logs.js';
import { KeysBusyError, recordGroups, WorkflowRacedError, type VersionGroup } from './record.js';

/** Stores verified versions. */
export interface Recorder {
  /**
   * Stores a group in one transaction, which groups that others bring at the same time may share, and has the log place it.
   * It is committed when the call resolves, and outlives a power cut once `settled` has.
   *
   * @param realm the log that all versions of the group go to
   * @throws RegistryError `key.revoked`, `key.threshold`, `quota.exceeded`; the database's unique violation of
   *   `versions_unique`, and what `isBlobSwept` knows
   */
  record(realm: string, group: VersionGroup): Promise<Recorded>;
}

export interface Recorded {
  /** Of the versions, in order. */
  readonly ids: readonly number[];
  /** When the log has tried to place them and copied what it placed; see `Sequencer.settle`. */
  readonly settled: Promise<void>;
}

interface Waiting {
  readonly group: VersionGroup;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

export interface RecorderDeps {
  readonly db: Db;
  readonly logs: Logs;
  readonly limits: LimitsConfig;
}

/** Bounds how long a transaction takes, and so how long those who come next wait. */
const MAX_BATCH_VERSIONS = 64;

/**
 * A group commit, for each log: while one batch is stored and appended, those who come wait, and then share the next. A lone
 * publisher never waits. A batch that fails is done again, each group for itself, so that nobody is refused for what another
 * one sent.
 */
export function createRecorder(deps: RecorderDeps): Recorder {
  /** Those who wait, by realm; a realm without a line has no batch in progress. */
  const lines = new Map<string, Waiting[]>();

  const run = async (realm: string, line: Waiting[]): Promise<void> => {
    while (line.length > 0) await recordBatch(deps, realm, takeBatch(line));
    lines.delete(realm);
  };

  return {
    record: (realm, group) =>
      new Promise((resolve, reject) => {
        const line = lines.get(realm);
        if (line) line.push({ group, resolve, reject });
        else {
          const opened: Waiting[] = [{ group, resolve, reject }];
          lines.set(realm, opened);
          void run(realm, opened);
        }
      }),
  };
}

/** Resolves when the batch is appended, so that the next one gathers meanwhile, or has failed. */
async function recordBatch(deps: RecorderDeps, realm: string, batch: readonly Waiting[]): Promise<void> {
  const groups = batch.map(({ group }) => group);
  try {
    const ids = await recordTogether(deps, groups, false);
    const { appended, settled } = deps.logs.get(realm).sequencer.drain();
    for (const [i, { resolve }] of batch.entries()) resolve({ ids: ids[i] ?? [], settled });
    // Those who wait for it are told when it fails.
    await appended.catch(() => undefined);
  } catch (error) {
    const isPassing = error instanceof KeysBusyError || error instanceof WorkflowRacedError;
    const isDecided = isDatabaseOutage(error) || (batch.length === 1 && !isPassing);
    if (isDecided) for (const { reject } of batch) reject(error);
    // Not waited for: one that waits for a key to be changed holds up nobody else.
    else for (const each of batch) void recordAlone(deps, realm, each);
  }
}

async function recordAlone(
  deps: RecorderDeps,
  realm: string,
  { group, resolve, reject }: Waiting,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [ids = []] = await recordTogether(deps, [group], true);
      resolve({ ids, settled: deps.logs.get(realm).sequencer.drain().settled });
      return;
    } catch (error) {
      if (error instanceof WorkflowRacedError && attempt < MAX_ATTEMPTS) continue;
      reject(error);
      return;
    }
  }
}

/** Workflows are created once: whoever loses again has several new ones. */
const MAX_ATTEMPTS = 5;

function recordTogether({ db, limits }: RecorderDeps, groups: readonly VersionGroup[], mayWait: boolean) {
  return db.transaction().execute((trx) => recordGroups(trx, limits, groups, mayWait));
}

/** The first ones in line: at least one group, and no more than a batch holds. */
function takeBatch(line: Waiting[]): readonly Waiting[] {
  let count = 0;
  let versions = 0;
  for (const { group } of line) {
    versions += group.records.length;
    if (count > 0 && versions > MAX_BATCH_VERSIONS) break;
    count += 1;
  }
  return line.splice(0, count);
}
