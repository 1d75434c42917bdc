import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { withSettings } from './connection-settings.js';
import { endingOf } from './end-pool.js';
import type { Database } from './schema.js';
import { withStatementNames } from './statement-pool.js';

export type Db = Kysely<Database>;

const INT8 = 20;
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, (text: string) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`a bigint of the database is beyond 2^53: ${text}`);
  return value;
});

export interface ConnectionOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** Called when a connection breaks, such as when the server goes away; the pool replaces it by itself. */
  readonly onConnectionError: (error: Error) => void;
}

/** Connections of a pool, and callers that wait for one. */
export interface PoolUse {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** A pool of connections. */
export function connectDatabase(options: ConnectionOptions): Db {
  return connectPool(options).db;
}

/**
 * Every plan is made once and serves all values, for planning a statement of many parts costs more than running it. It must be
 * the plan for large tables also when it is made while they are empty: without sequential scans, and following indexes from
 * the few rows that are given.
 */
const PLANNED_ONCE = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
} as const;

/** Connections for the few statements that every publish needs: each is planned once on each connection. */
export function connectHotPool(options: ConnectionOptions): DatabasePool {
  return open(options, withStatementNames, {
    application_name: 'sheaf-registry publishing',
    idleTimeoutMillis: 60_000,
    ...withSettings(options.url, PLANNED_ONCE),
  });
}

/** As {@link connectDatabase}, with a look into the pool. */
export function connectPool(options: ConnectionOptions): DatabasePool {
  return open(options, (pool) => pool, { application_name: 'sheaf-registry' });
}

export interface DatabasePool {
  readonly db: Db;
  readonly use: () => PoolUse;
}

/** Statements are cut off after 30 s, so that no query holds a connection for ever. */
function open(
  options: ConnectionOptions,
  wrap: (pool: pg.Pool) => PostgresPool,
  settings: pg.PoolConfig,
): DatabasePool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    // A server that vanished without a word is noticed, in minutes.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    idle_in_transaction_session_timeout: 30_000,
    types,
    ...settings,
  });
  pool.on('error', options.onConnectionError);
  // A connection that is in use tells nobody else: without a listener its end would be the end of the process.
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError);
  });
  const wrapped = wrap(pool);
  const dialect = new PostgresDialect({
    pool: { connect: () => wrapped.connect(), end: endingOf(pool) },
  });
  return {
    db: new Kysely<Database>({ dialect }),
    use: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}
