import type { Insertable, Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

/** Keys of a namespace that the log has confirmed: only these authorise a publish. */
export async function activeKeys(db: Db, namespaceId: number) {
  const rows = await db
    .selectFrom('keys')
    .select(['id', 'key_id', 'public_key', 'created_at', 'log_index'])
    .where('namespace_id', '=', namespaceId)
    .where('log_index', 'is not', null)
    .orderBy('log_index')
    .execute();
  return rows.flatMap((row) => (row.log_index === null ? [] : [{ ...row, log_index: row.log_index }]));
}

export function findKey(db: Db | Transaction<Database>, namespaceId: number, keyId: string) {
  return db
    .selectFrom('keys')
    .select(['id', 'log_index'])
    .where('namespace_id', '=', namespaceId)
    .where('key_id', '=', keyId)
    .executeTakeFirst();
}

/** True when the namespace has any key, confirmed or not. Locks the namespace, so that two first keys take turns. */
export async function hasKeys(trx: Transaction<Database>, namespaceId: number): Promise<boolean> {
  await trx
    .selectFrom('namespaces')
    .select('id')
    .where('id', '=', namespaceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const row = await trx
    .selectFrom('keys')
    .select('id')
    .where('namespace_id', '=', namespaceId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertKey(
  trx: Transaction<Database>,
  row: Insertable<Database['keys']>,
): Promise<number> {
  return (await trx.insertInto('keys').values(row).returning('id').executeTakeFirstOrThrow()).id;
}
