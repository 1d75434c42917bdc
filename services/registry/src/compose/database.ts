import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { connectPool, type Db, type PoolUse } from '../db/connection.js';
import { describeError } from '../describe-error.js';
import { createCloseStack, type Closable } from './close-stack.js';
import { prepareSchema, type SchemaDuty } from './schema.js';

export interface OpenedDatabase extends Closable {
  readonly db: Db;
  /** Where it listens; of the private one this process alone knows the password. */
  readonly url: string;
  readonly poolUse: () => PoolUse;
}

/**
 * The configured database, or the private one of the data directory, which is then locked and started. Its schema is
 * brought up to date, or looked at, as `duty` says.
 *
 * @throws StartError `database.unavailable`, `database.schema_behind`; PostgresError
 */
export async function openDatabase(
  config: Pick<Config, 'server' | 'database'>,
  log: Pick<Logger, 'warn'>,
  duty: SchemaDuty = config.database.isMigrating ? 'migrate' : 'expect',
): Promise<OpenedDatabase> {
  const { dataDir } = config.server;
  const stack = createCloseStack();
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const url = config.database.url ?? stack.add(await startPrivateDatabase(dataDir)).url;
    const { db, use } = connectPool({
      url,
      maxConnections: config.database.connections,
      onConnectionError: (error) => {
        log.warn({ error: describeError(error) }, 'a database connection broke');
      },
    });
    stack.add({ close: () => db.destroy() });
    await prepareSchema(db, duty);
    return { db, url, poolUse: use, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

/** Loaded only when it is needed. */
async function startPrivateDatabase(dataDir: string): Promise<Closable & { readonly url: string }> {
  const stack = createCloseStack();
  const [{ lockDataDir }, { startEmbeddedPostgres }] = await Promise.all([
    import('../postgres/datadir-lock.js'),
    import('../postgres/embedded.js'),
  ]);
  try {
    const lock = await lockDataDir(dataDir);
    stack.add({ close: () => lock.release() });
    const postgres = await startEmbeddedPostgres({ dataDir });
    stack.add({ close: () => postgres.stop() });
    return { url: postgres.url, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}
