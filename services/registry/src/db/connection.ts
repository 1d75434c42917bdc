import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './schema.js';

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

/** As {@link connectDatabase}, with a look into the pool. Statements are cut off after 30 s, so that no query holds a connection for ever. */
export function connectPool(options: ConnectionOptions): { readonly db: Db; readonly use: () => PoolUse } {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: 'sheaf-registry',
    types,
  });
  pool.on('error', options.onConnectionError);
  // A connection that is in use tells nobody else: without a listener its end would be the end of the process.
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError);
  });
  return {
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    use: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
  };
}
