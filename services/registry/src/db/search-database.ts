import pg from 'pg';
import { withSettings } from './connection-settings.js';
import { endingOf } from './end-pool.js';
import type { ConnectionOptions, PoolUse } from './connection.js';

/** Connections that do nothing but search. */
export interface SearchDatabase {
  /** Runs a statement, prepared once on each connection. Cut off after two seconds. */
  query<Row extends pg.QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<readonly Row[]>;
  use(): PoolUse;
  close(): Promise<void>;
}

export interface Statement {
  /** Unique for the text, at most 63 characters. */
  readonly name: string;
  readonly text: string;
}

/** A query that takes longer gives its connection back: whatever was typed, others search on. */
const STATEMENT_TIMEOUT_MS = 2_000;

/**
 * Every plan is made once and serves all values: what is searched for is never known beforehand, and planning would cost
 * more than searching. Without sequential scans, because the plan must be the one for a large catalogue also when it is
 * made for an empty one.
 */
const SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  'pg_trgm.similarity_threshold': '0.15',
} as const;

export function connectSearch(options: ConnectionOptions): SearchDatabase {
  const pool = new pg.Pool({
    ...withSettings(options.url, SETTINGS),
    max: options.maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'sheaf-registry search',
  });
  pool.on('error', options.onConnectionError);
  pool.on('connect', (client) => {
    client.on('error', options.onConnectionError);
  });
  return {
    query: async <Row extends pg.QueryResultRow>({ name, text }: Statement, values: readonly unknown[]) =>
      (await pool.query<Row>({ name, text, values: [...values] })).rows,
    use: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: endingOf(pool),
  };
}
