import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../start-error.js';
import type { Logger } from 'pino';
import { describeError } from '../describe-error.js';
import type { KeptReport } from '../postgres/keep-running.js';
import { createCloseStack, type Closable } from './close-stack.js';

/** A database that is in the data directory. */
export interface PrivateDatabase extends Closable {
  readonly url: string;
  /** Resolves when this process cannot have it any more; another one can. Never for one that is shared. */
  readonly lost: Promise<Error>;
}

/** Of a database that is not lost, whatever happens to it: it comes back under the same address. */
export const NEVER_LOST = new Promise<never>(() => undefined);

const DATABASE = 'sheaf';

/** Where what happens to a database is told. */
export type DatabaseLog = Pick<Logger, 'warn' | 'error'>;

/** Refuses a data directory without a private database, and makes nothing there. @throws StartError `registry.not_set_up` */
export async function assertPrivateDatabase(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'postgres');
  try {
    await stat(join(folder, 'PG_VERSION'));
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new StartError(
      'registry.not_set_up',
      isAbsent
        ? `there is no registry in ${dataDir}: it holds no database in ${folder}`
        : `the registry in ${dataDir} cannot be looked at: ${code}`,
      'check --data-dir or SHEAF_DATA_DIR, or set DATABASE_URL where the database is elsewhere; sheaf-registry serve begins a new registry',
      isAbsent ? undefined : cause,
    );
  }
}

/**
 * Starts the private database, and starts it again should it end; the data directory is locked meanwhile.
 *
 * @throws PostgresError
 */
export async function startPrivateDatabase(dataDir: string, log: DatabaseLog): Promise<PrivateDatabase> {
  const stack = createCloseStack();
  const [{ lockDataDir }, { keepPostgresRunning }] = await Promise.all([
    import('../postgres/datadir-lock.js'),
    import('../postgres/keep-running.js'),
  ]);
  try {
    const lock = await lockDataDir(dataDir);
    stack.add({ close: () => lock.release() });
    const postgres = await keepPostgresRunning({ dataDir, database: DATABASE, report: reportTo(log) });
    stack.add({ close: () => postgres.stop() });
    return { url: postgres.url, lost: postgres.lost, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

/** The private database of a registry that runs on the data directory, else as {@link startPrivateDatabase}. */
export async function sharePrivateDatabase(dataDir: string, log: DatabaseLog): Promise<PrivateDatabase> {
  try {
    return await startPrivateDatabase(dataDir, log);
  } catch (error) {
    const url = isLocked(error) ? await findRunning(dataDir) : undefined;
    if (url === undefined) throw error;
    return { url, lost: NEVER_LOST, close: () => Promise.resolve() };
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'datadir.locked';
}

async function findRunning(dataDir: string): Promise<string | undefined> {
  const [{ databaseUrl }, { findPassword }, { findPidFile }] = await Promise.all([
    import('../postgres/database.js'),
    import('../postgres/password.js'),
    import('../postgres/pidfile.js'),
  ]);
  const password = await findPassword(join(dataDir, 'postgres-password'));
  const port = (await findPidFile(join(dataDir, 'postgres')))?.port;
  return password === undefined || port === undefined ? undefined : databaseUrl({ port, password }, DATABASE);
}

function reportTo(log: DatabaseLog): (report: KeptReport) => void {
  return (report) => {
    if (report.type === 'ended') log.error('the private database ended, and is started again');
    else if (report.type === 'runs_again')
      log.warn({ duration_ms: Math.round(report.afterMs) }, 'the private database runs again');
    else if (report.type === 'stop_failed')
      log.error(
        { error: describeError(report.error) },
        'the private database seemed to have ended, and does not stop',
      );
    else if (report.type === 'lost')
      log.error({ error: describeError(report.error) }, 'the private database is given up');
    else
      log.error(
        { error: describeError(report.error), retry_in_ms: report.retryInMs },
        'the private database could not be started again',
      );
  };
}
