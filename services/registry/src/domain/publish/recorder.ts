import { createGate } from '../gate.js';
import { createArrivals, type Arrivals } from './arrivals.js';
import { recordBatch, type Recorded, type RecordingDeps, type Waiting } from './record-batch.js';
import type { VersionGroup } from './record.js';

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

export interface RecorderDeps extends Omit<RecordingDeps, 'alone' | 'appending'> {
  /** How many connections {@link RecordingDeps.hotDb} has at the most. */
  readonly hotConnections: number;
}

/** Bound how long a transaction takes, and so how long those who come next wait. */
const MAX_BATCH_VERSIONS = 64;
const MAX_BATCH_CHARACTERS = 8 * 1024 * 1024;

/** A batch waits so long for those that are on their way: about as long as it takes to store a blob. */
const MAX_GATHER_MS = 5;

/** So many wait for keys that somebody changes, each with a connection: others need those that are left. */
const MAX_ALONE = 2;
/** Connections that stay free for lookups, whatever is appended to however many logs. */
const SPARED_CONNECTIONS = 2;
/** More are told to come again. */
const MAX_WAITING = 500;

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
  const what = 'publishes';
  const appends = Math.max(1, recorderDeps.hotConnections - SPARED_CONNECTIONS);
  const deps: RecordingDeps = {
    ...recorderDeps,
    alone: createGate({ capacity: MAX_ALONE, maxWaiting: MAX_WAITING, what }),
    appending: createGate({ capacity: appends, maxWaiting: MAX_WAITING, what }),
  };
  const lines = new Map<string, Line>();

  const run = async (realm: string, line: Line): Promise<void> => {
    if (line.isRunning) return;
    line.isRunning = true;
    while (line.waiting.length > 0) {
      await line.arrivals.wait(MAX_GATHER_MS);
      await recordBatch(deps, realm, takeBatch(line.waiting), 'placed');
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

/** The first ones in line: at least one group, and no more than a batch holds. */
function takeBatch(line: Waiting[]): readonly Waiting[] {
  let count = 0;
  let [versions, characters] = [0, 0];
  for (const { group } of line) {
    versions += group.records.length;
    characters += weightOf(group);
    if (count > 0 && (versions > MAX_BATCH_VERSIONS || characters > MAX_BATCH_CHARACTERS)) break;
    count += 1;
  }
  return line.splice(0, count);
}

/** What the database is sent of a group, in characters, but for what is short. */
function weightOf({ records }: VersionGroup): number {
  return records.reduce(
    (sum, { summary, readme, envelope, search }) =>
      sum + JSON.stringify(summary).length + (readme ?? '').length + envelope.length + search.length,
    0,
  );
}
