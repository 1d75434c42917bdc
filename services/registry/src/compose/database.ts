import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { connectHotPool, connectPool, type Db, type PoolUse } from '../db/connection.js';
import { makeDataDir } from '../data-dir.js';
import { describeError } from '../describe-error.js';
import { createCloseStack, type Closable } from './close-stack.js';
import { sharePrivateDatabase, startPrivateDatabase, type PrivateDatabase } from './private-database.js';
import { prepareSchema, type SchemaDuty } from './schema.js';

export interface OpenedDatabase extends Closable {
  readonly db: Db;
  /** The same database, over connections for the statements that every publish needs. None is made before the first one. */
  readonly hotDb: Db;
  /** Where it listens; of the private one this process alone knows the password. */
  readonly url: string;
  readonly poolUse: () => PoolUse;
}

type DatabaseSettings = Pick<Config, 'server' | 'database'>;

/**
 * The configured database, or the private one of the data directory, which is then locked and started. Its schema is
 * brought up to date, or looked at, as `duty` says.
 *
 * @throws StartError `database.unavailable`, `database.schema_behind`; PostgresError
 */
export function openDatabase(
  config: DatabaseSettings,
  log: Pick<Logger, 'warn'>,
  duty: SchemaDuty = config.database.isMigrating ? 'migrate' : 'expect',
): Promise<OpenedDatabase> {
  return open(config, log, { duty, openPrivate: startPrivateDatabase });
}

/**
 * As {@link openDatabase}, for what works beside a service that may be running: its private database is shared, and a
 * schema that is behind is refused rather than changed under it.
 */
export function openDatabaseBeside(
  config: DatabaseSettings,
  log: Pick<Logger, 'warn'>,
): Promise<OpenedDatabase> {
  return open(config, log, { duty: 'expect', openPrivate: sharePrivateDatabase });
}

/** As {@link openDatabaseBeside}, whatever its schema is. */
export function openDatabaseAsIs(
  config: DatabaseSettings,
  log: Pick<Logger, 'warn'>,
): Promise<OpenedDatabase> {
  return open(config, log, { duty: 'trust', openPrivate: sharePrivateDatabase });
}

/** Of the connections of a process. One log needs four: it looks up, stores, appends and notes what is copied. */
const HOT_PART = 0.4;

interface OpenOptions {
  readonly duty: SchemaDuty;
  readonly openPrivate: (dataDir: string) => Promise<PrivateDatabase>;
}

async function open(
  config: DatabaseSettings,
  log: Pick<Logger, 'warn'>,
  { duty, openPrivate }: OpenOptions,
): Promise<OpenedDatabase> {
  const { dataDir } = config.server;
  const stack = createCloseStack();
  try {
    await makeDataDir(dataDir);
    const url = config.database.url ?? stack.add(await openPrivate(dataDir)).url;
    const { connections } = config.database;
    const hotConnections = Math.max(1, Math.floor(connections * HOT_PART));
    const options = {
      url,
      onConnectionError: (error: Error) => {
        log.warn({ error: describeError(error) }, 'a database connection broke');
      },
    };
    const { db, use } = connectPool({ ...options, maxConnections: connections - hotConnections });
    stack.add({ close: () => db.destroy() });
    await prepareSchema(db, duty);
    const { db: hotDb, use: hotUse } = connectHotPool({ ...options, maxConnections: hotConnections });
    stack.add({ close: () => hotDb.destroy() });
    return { db, hotDb, url, poolUse: () => sumOf(use(), hotUse()), close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

function sumOf(one: PoolUse, other: PoolUse): PoolUse {
  return {
    total: one.total + other.total,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
  };
}
