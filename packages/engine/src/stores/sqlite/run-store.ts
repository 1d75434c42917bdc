import { join } from 'node:path';
import type { JsonValue } from '@sheaf/workflow';
import type { RunFilter, RunSummary } from '../../api.js';
import type { JournalEvent, ProcessIdentity, RunEvent, RunSource } from '../../core/events.js';
import { EngineError } from '../../errors.js';
import type { Clock, Journal } from '../../ports.js';
import { openDatabase, type SqlDatabase, type SqlRow } from './database.js';
import { createGroupCommit } from './group-commit.js';
import { LIMITS } from '../../limits.js';
import { leaseStore, type LeaseStore } from './lease-store.js';
import { migrate } from './schema.js';
import { snapshotStore, type SnapshotStore } from './snapshot-store.js';
import { stepCacheStore, type StepCacheStore } from './step-cache-store.js';

/** A run as its row says; the row is a projection of the journal, written in the same transaction. */
export interface RunRow extends Omit<RunSummary, 'status'> {
  readonly status: Exclude<RunSummary['status'], 'interrupted'>;
  /** The process that drives the run. */
  readonly owner: ProcessIdentity | undefined;
}

/** An event that waits to be received. */
export interface InboxEvent {
  readonly id: number;
  readonly source: string;
  readonly data: JsonValue;
}

/** `stop`: TERM, and KILL after the grace period. `kill`: KILL at once. */
export type CancelRequest = 'stop' | 'kill';

export interface RunStore {
  /** The journal of a run that `owner`, this process, drives; its next event gets `nextSeq`. */
  openJournal(runId: string, nextSeq: number, owner: ProcessIdentity): Journal;
  /** Makes `owner` the run's owner, unless a living process is. Throws EngineError `run.active`, `run.not_found`. */
  claim(runId: string, owner: ProcessIdentity, isAlive: (owner: ProcessIdentity) => boolean): void;
  /** Gives a run up that did not end. */
  release(runId: string, owner: ProcessIdentity): void;
  findRun(runId: string): RunRow | undefined;
  /** Ids that begin with a text, at most so many. */
  findRunIds(prefix: string, limit: number): readonly string[];
  /** Asks the owner of a run, whichever process that is, to cancel it. A request to kill is never weakened. */
  requestCancel(runId: string, how: CancelRequest): void;
  /** What the owner of a run was asked since it became that. */
  findCancelRequest(runId: string): CancelRequest | undefined;
  /** Puts an event into the inbox of a run; false when that is full. */
  putEvent(runId: string, event: { readonly source: string; readonly data: JsonValue }): boolean;
  /** What is in the inbox of a run behind an id, oldest first. What a journal has received is not in it any more. */
  readInbox(runId: string, after: number): readonly InboxEvent[];
  /** Artifacts whose time is over at `now`, at most 100. */
  listExpired(now: number): readonly { readonly runId: string; readonly name: string }[];
  /** Says that the file of an artifact is gone. */
  forgetArtifact(runId: string, name: string): void;
  /** Newest first. */
  listRuns(filter: Omit<RunFilter, 'status'>): readonly RunRow[];
  readEvents(runId: string): readonly RunEvent[];
  /** The first event of a run. */
  readFirst(runId: string): RunEvent | undefined;
  /** Does something that no other process does meanwhile; short. */
  exclusively<T>(act: () => T): T;
  readonly cache: StepCacheStore;
  readonly leases: LeaseStore;
  readonly snapshots: SnapshotStore;
  close(): void;
}

/** Runs and journals in one SQLite file, for any number of processes at once. */
export async function openRunStore(stateDir: string, clock: Clock): Promise<RunStore> {
  const database = await openDatabase(join(stateDir, 'runs.sqlite'));
  migrate(database);
  const commits = createGroupCommit(database);
  const sql = prepare(database);

  const project = (runId: string, event: JournalEvent, at: number, owner: ProcessIdentity): void => {
    if (event.type === 'run.started') {
      const { id, version } = event.plan.workflow;
      sql.insertRun.run(runId, id, version, at, JSON.stringify(event.source), owner.pid, owner.start);
    } else if (event.type === 'run.resumed') sql.resumeRun.run(runId);
    else if (event.type === 'run.finished') sql.finishRun.run(event.status, at, runId);
    else if (event.type === 'artifact.kept') {
      if (event.until !== undefined) sql.insertArtifact.run(runId, event.name, event.until);
    } else if (event.type === 'event.received') sql.dropEvent.run(Number(event.event));
  };

  return {
    openJournal: (runId, nextSeq, owner) => {
      let seq = nextSeq;
      return {
        append: async (events, options) => {
          const at = clock.now();
          const stored = events.map((event): RunEvent => ({ ...event, runId, seq: seq++, at }));
          const write = (): void => {
            for (const [index, event] of events.entries()) {
              const { seq: place = 0 } = stored[index] ?? {};
              sql.insertEvent.run(runId, place, at, event.type, JSON.stringify(event));
              project(runId, event, at, owner);
            }
          };
          await commits.submit(write, options);
          return stored;
        },
      };
    },
    claim: (runId, owner, isAlive) => {
      database.transaction(() => {
        const row = sql.findRun.get(runId);
        if (row === undefined) throw new EngineError('run.not_found', `there is no run ${runId}`);
        const holder = toOwner(row);
        if (holder !== undefined && isAlive(holder)) throw active(runId, holder);
        sql.setOwner.run(owner.pid, owner.start, runId);
      });
    },
    release: (runId, owner) => {
      sql.clearOwner.run(runId, owner.pid, owner.start);
    },
    findRun: (runId) => {
      const row = sql.findRun.get(runId);
      return row === undefined ? undefined : toRun(row);
    },
    findRunIds: (prefix, limit) =>
      sql.findRunIds.all(prefix, `${prefix}\u{10ffff}`, limit).map((row) => String(row['run_id'])),
    requestCancel: (runId, how) => {
      sql.requestCancel.run(how === 'kill' ? KILL : STOP, runId);
    },
    findCancelRequest: (runId) => {
      const level = sql.findCancelRequest.get(runId)?.['cancel_requested'];
      if (level === KILL) return 'kill';
      return level === STOP ? 'stop' : undefined;
    },
    putEvent: (runId, { source, data }) =>
      database.transaction(() => {
        if (Number(sql.countInbox.get(runId)?.['count']) >= LIMITS.inbox) return false;
        sql.putEvent.run(runId, source, JSON.stringify(data));
        return true;
      }),
    readInbox: (runId, after) =>
      sql.readInbox.all(runId, after).map((row) => ({
        id: Number(row['id']),
        source: String(row['source']),
        data: JSON.parse(String(row['data'])) as JsonValue,
      })),
    listExpired: (now) =>
      sql.listExpired.all(now).map((row) => ({ runId: String(row['run_id']), name: String(row['name']) })),
    forgetArtifact: (runId, name) => {
      sql.forgetArtifact.run(runId, name);
    },
    listRuns: ({ workflow, limit = DEFAULT_LIST }) =>
      (workflow === undefined ? sql.listRuns.all(limit) : sql.listRunsOf.all(workflow, limit)).map(toRun),
    readEvents: (runId) => sql.readEvents.all(runId).map((row) => toEvent(runId, row)),
    readFirst: (runId) => {
      const row = sql.readFirst.get(runId);
      return row === undefined ? undefined : toEvent(runId, row);
    },
    exclusively: (act) => database.transaction(act),
    cache: stepCacheStore(database),
    leases: leaseStore(database),
    snapshots: snapshotStore(database),
    close: () => {
      database.close();
    },
  };
}

const DEFAULT_LIST = 100;
const STOP = 1;
const KILL = 2;

function prepare(database: SqlDatabase) {
  return {
    insertRun: database.prepare(
      `INSERT INTO runs (run_id, workflow, version, status, started_at, source, owner_pid, owner_start)
       VALUES (?, ?, ?, 'running', ?, ?, ?, ?)`,
    ),
    resumeRun: database.prepare(`UPDATE runs SET status = 'running', finished_at = NULL WHERE run_id = ?`),
    finishRun: database.prepare(
      `UPDATE runs SET status = ?, finished_at = ?, owner_pid = NULL, owner_start = NULL WHERE run_id = ?`,
    ),
    setOwner: database.prepare(
      `UPDATE runs SET owner_pid = ?, owner_start = ?, cancel_requested = NULL WHERE run_id = ?`,
    ),
    findRunIds: database.prepare(
      `SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?`,
    ),
    requestCancel: database.prepare(
      `UPDATE runs SET cancel_requested = max(coalesce(cancel_requested, 0), ?) WHERE run_id = ? AND status = 'running'`,
    ),
    findCancelRequest: database.prepare(`SELECT cancel_requested FROM runs WHERE run_id = ?`),
    clearOwner: database.prepare(
      `UPDATE runs SET owner_pid = NULL, owner_start = NULL WHERE run_id = ? AND owner_pid = ? AND owner_start = ?`,
    ),
    findRun: database.prepare(`SELECT * FROM runs WHERE run_id = ?`),
    listRuns: database.prepare(`SELECT * FROM runs ORDER BY started_at DESC, run_id LIMIT ?`),
    listRunsOf: database.prepare(
      `SELECT * FROM runs WHERE workflow = ? ORDER BY started_at DESC, run_id LIMIT ?`,
    ),
    insertEvent: database.prepare(`INSERT INTO journal (run_id, seq, at, type, body) VALUES (?, ?, ?, ?, ?)`),
    putEvent: database.prepare(`INSERT INTO inbox (run_id, source, data) VALUES (?, ?, ?)`),
    countInbox: database.prepare(`SELECT count(*) AS count FROM inbox WHERE run_id = ?`),
    readInbox: database.prepare(
      `SELECT id, source, data FROM inbox WHERE run_id = ? AND id > ? ORDER BY id LIMIT 100`,
    ),
    insertArtifact: database.prepare(
      `INSERT OR REPLACE INTO artifacts (run_id, name, expires_at) VALUES (?, ?, ?)`,
    ),
    listExpired: database.prepare(`SELECT run_id, name FROM artifacts WHERE expires_at <= ? LIMIT 100`),
    forgetArtifact: database.prepare(`DELETE FROM artifacts WHERE run_id = ? AND name = ?`),
    dropEvent: database.prepare(`DELETE FROM inbox WHERE id = ?`),
    readEvents: database.prepare(`SELECT seq, at, body FROM journal WHERE run_id = ? ORDER BY seq`),
    readFirst: database.prepare(`SELECT seq, at, body FROM journal WHERE run_id = ? ORDER BY seq LIMIT 1`),
  };
}

function toRun(row: SqlRow): RunRow {
  const finishedAt = row['finished_at'];
  return {
    runId: String(row['run_id']),
    workflow: String(row['workflow']),
    version: String(row['version']),
    status: row['status'] as RunRow['status'],
    startedAt: Number(row['started_at']),
    ...(finishedAt === null ? {} : { finishedAt: Number(finishedAt) }),
    source: JSON.parse(String(row['source'])) as RunSource,
    owner: toOwner(row),
  };
}

function toOwner(row: SqlRow): ProcessIdentity | undefined {
  const { owner_pid: pid, owner_start: start } = row;
  return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined;
}

function toEvent(runId: string, row: SqlRow): RunEvent {
  const event = JSON.parse(String(row['body'])) as JournalEvent;
  return { ...event, runId, seq: Number(row['seq']), at: Number(row['at']) };
}

function active(runId: string, owner: ProcessIdentity): EngineError {
  return new EngineError('run.active', `run ${runId} is being run by another process (pid ${owner.pid})`, {
    hint: 'wait for it or cancel it there',
  });
}
