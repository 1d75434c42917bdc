import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

/** Makes processes that start at the same time take turns; held until the transaction ends. */
export async function lockSetup(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('sheaf setup'))`.execute(trx);
}

export async function findOrigin(trx: Transaction<Database>): Promise<string | undefined> {
  return (await trx.selectFrom('registry').select('origin').executeTakeFirst())?.origin;
}

export async function insertOrigin(trx: Transaction<Database>, origin: string): Promise<void> {
  await trx.insertInto('registry').values({ origin }).execute();
}

/** Whether a registry was ever started on the database, or a mirror imported into it; whatever else is in it. */
export async function isSetUp(db: Db): Promise<boolean> {
  for (const table of ['registry', 'mirror']) {
    const { rows: found } = await sql<{ there: boolean }>`
      select to_regclass(${table}) is not null as there`.execute(db);
    if (found[0]?.there !== true) continue;
    const { rows } = await sql`select from ${sql.id(table)} limit 1`.execute(db);
    if (rows.length > 0) return true;
  }
  return false;
}
