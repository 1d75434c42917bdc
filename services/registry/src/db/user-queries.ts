import type { Transaction } from 'kysely';
import type { Database } from './schema.js';

/** Says whether the registry has nobody yet. */
export async function isWithoutUsers(trx: Transaction<Database>): Promise<boolean> {
  return (await trx.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;
}

export async function insertUser(
  trx: Transaction<Database>,
  name: string,
  isAdmin: boolean,
): Promise<number> {
  return (
    await trx
      .insertInto('users')
      .values({ name, is_admin: isAdmin })
      .returning('id')
      .executeTakeFirstOrThrow()
  ).id;
}
