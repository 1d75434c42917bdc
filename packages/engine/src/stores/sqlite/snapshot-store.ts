import type { SqlDatabase } from './database.js';

/** What the journals of long runs amount to, so that nobody has to read them. A copy: without it the journal says the same. */
export interface SnapshotStore {
  /** Undefined where there is none, or where the journal has gone on since. */
  find(runId: string): string | undefined;
  /** Of the journal as it stands. */
  keep(runId: string, body: string): void;
}

export function snapshotStore(database: SqlDatabase): SnapshotStore {
  const sql = {
    find: database.prepare(
      `SELECT body FROM snapshots WHERE run_id = ? AND seq = (SELECT max(seq) FROM journal WHERE run_id = ?)`,
    ),
    keep: database.prepare(
      `INSERT OR REPLACE INTO snapshots (run_id, seq, body) SELECT ?, max(seq), ? FROM journal WHERE run_id = ?`,
    ),
  };
  return {
    find: (runId) => {
      const body = sql.find.get(runId, runId)?.['body'];
      return typeof body === 'string' ? body : undefined;
    },
    keep: (runId, body) => {
      sql.keep.run(runId, body, runId);
    },
  };
}
