import { EngineError } from '../../errors.js';
import type { SqlDatabase } from './database.js';

/** Each entry leads from the version that is its index to the next; released entries never change. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     run_id TEXT NOT NULL PRIMARY KEY,
     workflow TEXT NOT NULL,
     version TEXT NOT NULL,
     status TEXT NOT NULL,
     started_at INTEGER NOT NULL,
     finished_at INTEGER,
     source TEXT NOT NULL,
     owner_pid INTEGER,
     owner_start TEXT
   );
   CREATE INDEX runs_by_start ON runs (started_at);
   CREATE INDEX runs_by_workflow ON runs (workflow, started_at);
   CREATE TABLE journal (
     run_id TEXT NOT NULL,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     type TEXT NOT NULL,
     body TEXT NOT NULL,
     PRIMARY KEY (run_id, seq)
   ) WITHOUT ROWID;`,
  `ALTER TABLE runs ADD COLUMN cancel_requested INTEGER;`,
  `CREATE TABLE inbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     run_id TEXT NOT NULL,
     source TEXT NOT NULL,
     data TEXT NOT NULL
   );
   CREATE INDEX inbox_by_run ON inbox (run_id, id);`,
  `CREATE TABLE artifacts (
     run_id TEXT NOT NULL,
     name TEXT NOT NULL,
     expires_at INTEGER NOT NULL,
     PRIMARY KEY (run_id, name)
   ) WITHOUT ROWID;
   CREATE INDEX artifacts_by_end ON artifacts (expires_at);
   CREATE TABLE step_cache (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL UNIQUE,
     about TEXT NOT NULL,
     parts TEXT NOT NULL,
     run_id TEXT NOT NULL,
     outcome TEXT NOT NULL,
     files TEXT NOT NULL
   );
   CREATE INDEX step_cache_by_step ON step_cache (about, id);`,
  `CREATE TABLE leases (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     owner_pid INTEGER NOT NULL,
     owner_start TEXT NOT NULL,
     cpus REAL NOT NULL,
     memory REAL NOT NULL,
     given INTEGER NOT NULL
   );`,
  `CREATE TABLE snapshots (
     run_id TEXT NOT NULL PRIMARY KEY,
     seq INTEGER NOT NULL,
     body TEXT NOT NULL
   ) WITHOUT ROWID;`,
];

/** Brings the database to this version's schema. Throws EngineError `store.newer` for one that a later version wrote. */
export function migrate(database: SqlDatabase): void {
  if (readVersion(database) === MIGRATIONS.length) return;
  database.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    const version = readVersion(database);
    if (version > MIGRATIONS.length) {
      throw new EngineError(
        'store.newer',
        `the store of runs has schema ${version}, this version knows ${MIGRATIONS.length}`,
        {
          hint: 'use the newer sheaf that wrote it, or another state folder',
        },
      );
    }
    for (const statements of MIGRATIONS.slice(version)) database.exec(statements);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

function readVersion(database: SqlDatabase): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}
