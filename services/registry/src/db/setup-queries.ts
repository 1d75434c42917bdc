import { sql, type Transaction } from 'kysely';
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
