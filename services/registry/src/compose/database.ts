import type { Config } from '../config.js';
import { connectHotPool, connectPool, type Db, type PoolUse } from '../db/connection.js';
import { makeDataDir } from '../data-dir.js';
import { describeError } from '../describe-error.js';
import { createCloseStack, type Closable } from './close-stack.js';
import {
  assertPrivateDatabase,
  NEVER_LOST,
  sharePrivateDatabase,
  startPrivateDatabase,
  type DatabaseLog,
  type PrivateDatabase,
} from './private-database.js';
import { assertSetUp, prepareSchema, type SchemaDuty } from './schema.js';

export interface OpenedDatabase extends Closable {
  readonly db: Db;
  /** The same database, over connections for the statements that every publish needs. None is made before the first one. */
  readonly hotDb: Db;
  /** So many of those there are at the most. */
  readonly hotConnections: number;
  /** Where it listens; of the private one this process alone knows the password. */
  readonly url: string;
  /** Resolves when this process cannot have it any more, and had better be started again. */
  readonly lost: Promise<Error>;
  readonly poolUse: () => PoolUse;
}

type DatabaseSettings = Pick<Config, 'server' | 'database'>;

/** What must be there already: else nothing is made, and a slip of the pen begins no second registry. */
type Needed = 'nothing' | 'database' | 'registry';

export interface DatabaseOptions {
  /** By default as the configuration says. */
  readonly duty?: SchemaDuty | undefined;
  /** `nothing` by default. */
  readonly needs?: Needed | undefined;
}

/**
 * The configured database, or the private one of the data directory, which is then locked and started. Its schema is
 * brought up to date, or looked at, as `duty` says.
 *
 * @throws StartError `database.unavailable`, `database.schema_behind`, `registry.not_set_up`; PostgresError
 */
export function openDatabase(
  config: DatabaseSettings,
  log: DatabaseLog,
  { duty = config.database.isMigrating ? 'migrate' : 'expect', needs = 'nothing' }: DatabaseOptions = {},
): Promise<OpenedDatabase> {
  return open(config, log, { duty, needs, openPrivate: startPrivateDatabase });
}

/**
 * As {@link openDatabase}, for what works beside a service that may be running: its private database is shared, a schema
 * that is behind is refused rather than changed under it, and where there is no registry none is begun.
 */
export function openDatabaseBeside(config: DatabaseSettings, log: DatabaseLog): Promise<OpenedDatabase> {
  return open(config, log, { duty: 'expect', needs: 'registry', openPrivate: sharePrivateDatabase });
}

/** As {@link openDatabaseBeside}, whatever is in it; a private one is made unless it is needed. */
export function openDatabaseAsIs(
  config: DatabaseSettings,
  log: DatabaseLog,
  needs: 'nothing' | 'database',
): Promise<OpenedDatabase> {
  return open(config, log, { duty: 'trust', needs, openPrivate: sharePrivateDatabase });
}

/** Of the connections of a process. One log needs four: it looks up, stores, appends and notes what is copied. */
const HOT_PART = 0.4;

interface OpenOptions {
  readonly duty: SchemaDuty;
  readonly needs: Needed;
  readonly openPrivate: (dataDir: string, log: DatabaseLog) => Promise<PrivateDatabase>;
}

async function open(
  config: DatabaseSettings,
  log: DatabaseLog,
  { duty, needs, openPrivate }: OpenOptions,
): Promise<OpenedDatabase> {
  const { dataDir } = config.server;
  const stack = createCloseStack();
  try {
    if (needs === 'nothing') await makeDataDir(dataDir);
    else if (config.database.url === undefined) await assertPrivateDatabase(dataDir);
    const { url, lost } =
      config.database.url === undefined
        ? stack.add(await openPrivate(dataDir, log))
        : { url: config.database.url, lost: NEVER_LOST };
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
    if (needs === 'registry') await assertSetUp(db, config.database);
    await prepareSchema(db, duty, config.database);
    const { db: hotDb, use: hotUse } = connectHotPool({ ...options, maxConnections: hotConnections });
    stack.add({ close: () => hotDb.destroy() });
    return {
      db,
      hotDb,
      hotConnections,
      url,
      lost,
      poolUse: () => sumOf(use(), hotUse()),
      close: () => stack.close(),
    };
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
