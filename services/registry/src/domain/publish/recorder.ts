import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import { isDatabaseOutage } from '../../db/outage.js';
import type { Logs } from '../log/logs.js';
import { createArrivals, type Arrivals } from './arrivals.js';
import { KeysBusyError, recordGroups, WorkflowRacedError, type VersionGroup } from './record.js';

/** Stores verified versions. */
export interface Recorder {
  /**
   * Says that a group of versions will be recorded in a moment: a batch that is about to begin waits for it, a little.
   *
   * @param realm the log that all versions of the group go to
   */
  expect(realm: string): ExpectedGroup;
}

/** A group that somebody is about to record; closed in any case. */
export interface ExpectedGroup {
  /**
   * Stores the group in one transaction, which groups that others bring at the same time may share, and has the log place it.
   * It is committed when the call resolves, and outlives a power cut once `settled` has.
   *
   * @throws RegistryError `key.revoked`, `key.threshold`, `quota.exceeded`; the database's unique violation of
   *   `versions_unique`, and what `isBlobSwept` knows
   */
  record(group: VersionGroup): Promise<Recorded>;
  /** Nobody waits for it any more. */
  close(): void;
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

/** A batch waits so long for those that are on their way: about as long as it takes to store a blob. */
const MAX_GATHER_MS = 5;

/** The line of one log. */
interface Line {
  readonly waiting: Waiting[];
  readonly arrivals: Arrivals;
  /** Those who have said that they will record, and have not closed. */
  users: number;
  isRunning: boolean;
}

/**
 * A group commit, for each log: while one batch is stored and appended, those who come wait, and then share the next, with
 * those whose blobs are just being stored. A lone publisher never waits. A batch that fails is done again, each group for
 * itself, so that nobody is refused for what another one sent.
 */
export function createRecorder(deps: RecorderDeps): Recorder {
  const lines = new Map<string, Line>();

  const run = async (realm: string, line: Line): Promise<void> => {
    if (line.isRunning) return;
    line.isRunning = true;
    while (line.waiting.length > 0) {
      await line.arrivals.wait(MAX_GATHER_MS);
      await recordBatch(deps, realm, takeBatch(line.waiting));
    }
    line.isRunning = false;
    forget(realm, line);
  };
  /** A line that nobody uses and that has no batch in progress. */
  const forget = (realm: string, line: Line): void => {
    if (line.users === 0 && !line.isRunning) lines.delete(realm);
  };

  return {
    expect: (realm) => {
      const line = lines.get(realm) ?? {
        waiting: [],
        arrivals: createArrivals(),
        users: 0,
        isRunning: false,
      };
      lines.set(realm, line);
      line.users += 1;
      const arrive = line.arrivals.expect();
      let isClosed = false;
      return {
        record: (group) =>
          new Promise((resolve, reject) => {
            line.waiting.push({ group, resolve, reject });
            arrive();
            void run(realm, line);
          }),
        close: () => {
          arrive();
          if (isClosed) return;
          isClosed = true;
          line.users -= 1;
          forget(realm, line);
        },
      };
    },
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
