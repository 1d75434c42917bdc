import { migrateToLatest } from '@sheaf/migrations';
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { connectDatabase, type Db } from '../db/connection.js';
import { describeError } from '../describe-error.js';
import { lockDataDir } from '../postgres/datadir-lock.js';
import { startEmbeddedPostgres } from '../postgres/embedded.js';
import { StartError } from '../start-error.js';
import { createCloseStack, type Closable } from './close-stack.js';

export interface OpenedDatabase extends Closable {
  readonly db: Db;
  /** Where it listens; of the private one this process alone knows the password. */
  readonly url: string;
}

/**
 * The configured database, or the private one of the data directory, which is then locked and started.
 *
 * @throws StartError `database.unavailable`, PostgresError
 */
export async function openDatabase(
  config: Pick<Config, 'server' | 'database'>,
  log: Logger,
): Promise<OpenedDatabase> {
  const { dataDir } = config.server;
  const stack = createCloseStack();
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    let { url } = config.database;
    if (url === undefined) {
      const lock = await lockDataDir(dataDir);
      stack.add({ close: () => lock.release() });
      const postgres = await startEmbeddedPostgres({ dataDir });
      stack.add({ close: () => postgres.stop() });
      url = postgres.url;
    }
    const db = connectDatabase({
      url,
      maxConnections: config.database.connections,
      onConnectionError: (error) => {
        log.warn({ error: describeError(error) }, 'a database connection broke');
      },
    });
    stack.add({ close: () => db.destroy() });
    await migrate(db);
    return { db, url, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

async function migrate(db: Db): Promise<void> {
  await migrateToLatest(db).catch((cause: unknown) => {
    throw new StartError(
      'database.unavailable',
      'the database cannot be prepared',
      'check DATABASE_URL and that its user may create tables and the extension pg_trgm',
      cause,
    );
  });
}
