import type { Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database, Role } from './schema.js';

/** A namespace that the log has confirmed. */
export function findNamespace(db: Db, name: string) {
  return db
    .selectFrom('namespaces')
    .select(['id', 'name', 'created_at', 'log_index'])
    .where('name', '=', name)
    .where('log_index', 'is not', null)
    .executeTakeFirst();
}

/** Creates the namespace with its first owner; undefined when the name is taken. */
export async function insertNamespace(
  trx: Transaction<Database>,
  name: string,
  userId: number,
): Promise<number | undefined> {
  const row = await trx
    .insertInto('namespaces')
    .values({ name, created_by: userId })
    .onConflict((c) => c.constraint('namespaces_name_unique').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row)
    await trx
      .insertInto('members')
      .values({ namespace_id: row.id, user_id: userId, role: 'owner' })
      .execute();
  return row?.id;
}

/** The role of a person in a namespace, confirmed by the log or not. */
export async function findRole(db: Db, name: string, userId: number): Promise<Role | undefined> {
  const row = await db
    .selectFrom('members')
    .innerJoin('namespaces', 'namespaces.id', 'members.namespace_id')
    .select('members.role')
    .where('namespaces.name', '=', name)
    .where('members.user_id', '=', userId)
    .executeTakeFirst();
  return row?.role;
}
