import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import { isDatabaseOutage, isRefusedByDatabase } from '../../db/outage.js';
import { RegistryError } from '../error.js';
import { createGate, type Gate } from '../gate.js';
import { LogFrozenError } from '../log/frozen.js';
import type { Logs } from '../log/logs.js';
import { createArrivals, type Arrivals } from './arrivals.js';
import {
  isPlain,
  placingGroups,
  recordGroups,
  WorkflowRacedError,
  type GroupIds,
  type VersionGroup,
} from './record.js';

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

/** So many wait for keys that somebody changes, each with a connection: others need those that are left. */
const MAX_ALONE = 2;
/** More are told to come again. */
const MAX_WAITING_ALONE = 200;

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
 * those whose blobs are just being stored. A lone publisher never waits. A batch that fails is done again in halves, so that
 * nobody is refused for what another one sent.
 */
export function createRecorder(recorderDeps: RecorderDeps): Recorder {
  const alone = createGate({ capacity: MAX_ALONE, maxWaiting: MAX_WAITING_ALONE, what: 'publishes' });
  const deps: RecordingDeps = { ...recorderDeps, alone };
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

interface RecordingDeps extends RecorderDeps {
  readonly alone: Gate;
}

/** Resolves when the batch is appended, so that the next one gathers meanwhile, or has failed. */
async function recordBatch(deps: RecordingDeps, realm: string, batch: readonly Waiting[]): Promise<void> {
  const { sequencer } = deps.logs.get(realm);
  const groups = batch.map(({ group }) => group);
  try {
    if (groups.every(isPlain)) {
      const { value, settled } = await sequencer.append(placingGroups(realm, deps.limits, groups));
      resolveAll(batch, value, settled);
      return;
    }
    const ids = await recordTogether(deps, groups, false);
    const { appended, settled } = sequencer.drain();
    resolveAll(batch, ids, settled);
    // Those who wait for it are told when it fails.
    await appended.catch(() => undefined);
  } catch (error) {
    if (isDecided(error, batch.length)) for (const { reject } of batch) reject(error);
    // Nobody is refused for what another one sent: those are found whom it holds for, and the others share what they can.
    else if (batch.length > 1) for (const half of halves(batch)) await recordBatch(deps, realm, half);
    // Not waited for: one that waits for a key to be changed holds up nobody else.
    else
      for (const each of batch)
        void deps.alone.run(1, () => recordAlone(deps, realm, each)).catch(each.reject);
  }
}

function halves<T>(batch: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(batch.length / 2);
  return [batch.slice(0, half), batch.slice(half)];
}

function resolveAll(batch: readonly Waiting[], ids: GroupIds, settled: Promise<void>): void {
  for (const [i, { resolve }] of batch.entries()) resolve({ ids: ids[i] ?? [], settled });
}

/** Whether what a batch of so many groups failed with holds for each of them: trying once more would find the same. */
function isDecided(error: unknown, groups: number): boolean {
  if (isDatabaseOutage(error) || error instanceof LogFrozenError) return true;
  return groups === 1 && (error instanceof RegistryError || isRefusedByDatabase(error));
}

/** In two transactions: what the log cannot place at its turn waits in its queue. */
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
