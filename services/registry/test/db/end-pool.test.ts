import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectHotPool, connectPool } from '../../src/db/connection.js';
import { connectSearch } from '../../src/db/search-database.js';
import { createOwnDatabase, type OwnDatabase } from '../support/composed-registry.js';

let database: OwnDatabase;
beforeAll(async () => {
  database = await createOwnDatabase('template0');
});
afterAll(() => database.drop());

/** Connections to the database, beside the one that asks. */
async function connections(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(database.db);
  return rows[0]?.count ?? 0;
}

test.each(['ordinary', 'hot', 'search'] as const)(
  'the server has let go of every connection of the %s pool once it is closed',
  async (kind) => {
    const errors: Error[] = [];
    const options = {
      url: database.url,
      maxConnections: 8,
      onConnectionError: (error: Error) => errors.push(error),
    };
    const hold = 'select pg_sleep(0.2)';
    let use: () => Promise<unknown>;
    let close: () => Promise<void>;
    if (kind === 'search') {
      const search = connectSearch(options);
      use = () => search.query({ name: 'hold', text: hold }, []);
      close = () => search.close();
    } else {
      const { db } = (kind === 'hot' ? connectHotPool : connectPool)(options);
      use = () => sql.raw(hold).execute(db);
      close = () => db.destroy();
    }
    await Promise.all(Array.from({ length: 8 }, use));
    expect(await connections()).toBe(8);
    await close();
    expect(await connections()).toBe(0);
    expect(errors).toEqual([]);
  },
);
