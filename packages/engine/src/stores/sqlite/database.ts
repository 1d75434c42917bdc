import { closeSync, openSync } from 'node:fs';
import { EngineError } from '../../errors.js';

type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

interface SqlStatement {
  run(...values: SqlValue[]): void;
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): readonly SqlRow[];
}

/** The little of SQLite that the store needs, so that another driver can take the place of this one. Throws EngineError `store.failed`. */
export interface SqlDatabase {
  exec(sql: string): void;
  /** SQLite reads the statement when it is first used. */
  prepare(sql: string): SqlStatement;
  /** Runs `act` in a transaction that holds the write lock from its beginning. */
  transaction<T>(act: () => T): T;
  close(): void;
}

/** How long a statement waits for another process's transaction, which takes milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;
/** Whoever opens the database reads all pages in the log that no checkpoint has moved: 0.8 MB at most, some five small runs. */
const CHECKPOINT_PAGES = 200;

/** Opens or makes the database (mode 0600, WAL). The driver is loaded here, because loading it costs as much as a small command. */
export async function openDatabase(path: string): Promise<SqlDatabase> {
  const { default: Driver } = await import('libsql');
  const driver = guard(path, () => {
    closeSync(openSync(path, 'a', 0o600));
    return new Driver(path);
  });
  const exec = (sql: string): void => {
    guard(path, () => driver.exec(sql));
  };
  exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
  );
  return {
    exec,
    prepare: (sql) => {
      let prepared: ReturnType<typeof driver.prepare> | undefined;
      const statement = () => (prepared ??= driver.prepare(sql));
      return {
        run: (...values) => {
          guard(path, () => statement().run(...values));
        },
        get: (...values) => guard(path, () => statement().get(...values)) as SqlRow | undefined,
        all: (...values) => guard(path, () => statement().all(...values)) as readonly SqlRow[],
      };
    },
    transaction: (act) => {
      exec('BEGIN IMMEDIATE');
      try {
        const result = act();
        exec('COMMIT');
        return result;
      } catch (error) {
        // SQLite has rolled back by itself after some errors; the first error is the one to tell.
        if (driver.inTransaction) driver.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => {
      driver.close();
    },
  };
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/BUSY|LOCKED/, 'another process holds the store; wait for it, or end it'],
  [/FULL|IOERR/, 'free disk space or repair the disk, then resume the run'],
  [/CANTOPEN|READONLY|PERM|EACCES/, 'make the state folder writable for this user'],
  [/CORRUPT|NOTADB/, 'move the file away to begin with an empty history'],
];

function guard<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const detail = error instanceof Error ? error.message : String(error);
    const hint = HINTS.find(([pattern]) => pattern.test(code))?.[1];
    throw new EngineError('store.failed', `the store of runs ${path} failed: ${detail}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
