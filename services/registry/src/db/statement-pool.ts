import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { createStatementNames, type StatementNames } from './statement-names.js';

/** A pool whose connections parse and plan each statement that has parameters once. */
export function withStatementNames(pool: pg.Pool): PostgresPool {
  const names = createStatementNames();
  /** Kysely knows a connection by its object, so each has one for as long as it lives. */
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    connect: async () => {
      const client = await pool.connect();
      const known = wrapped.get(client) ?? wrap(client, names);
      wrapped.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function wrap(client: pg.PoolClient, names: StatementNames): PostgresPoolClient {
  function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: string | PostgresCursor<unknown>, parameters: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new Error('no cursors are used');
    const values = [...parameters];
    const name = values.length > 0 ? names.nameOf(text) : undefined;
    return client.query(name === undefined ? { text, values } : { name, text, values });
  }
  return {
    query,
    release: () => {
      client.release();
    },
  };
}
