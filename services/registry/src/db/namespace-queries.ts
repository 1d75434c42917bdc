import type { Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Visibility } from '@sheaf/client/contract';
import type { Database } from './schema.js';

/** A namespace that the log has confirmed. */
export function findNamespace(db: Db, name: string) {
  return db
    .selectFrom('namespaces')
    .select(['id', 'name', 'realm', 'visibility', 'created_at', 'log_index'])
    .where('name', '=', name)
    .where('log_index', 'is not', null)
    .executeTakeFirst();
}

/** Creates the namespace with its first owner; undefined when the name is taken. */
export async function insertNamespace(
  trx: Transaction<Database>,
  namespace: { readonly name: string; readonly visibility: Visibility; readonly realm: string },
  userId: number,
): Promise<number | undefined> {
  const row = await trx
    .insertInto('namespaces')
    .values({ ...namespace, created_by: userId })
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

/** A namespace, the role of a person in it, and who sees it, confirmed by the log or not. */
export function findMembership(db: Db, name: string, userId: number) {
  return db
    .selectFrom('members')
    .innerJoin('namespaces', 'namespaces.id', 'members.namespace_id')
    .select(['namespaces.id', 'members.role', 'namespaces.visibility'])
    .where('namespaces.name', '=', name)
    .where('members.user_id', '=', userId)
    .executeTakeFirst();
}
