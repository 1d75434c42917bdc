import { sql } from 'kysely';
import type { Db } from './connection.js';

export interface StoreOfDatabase {
  /** While it is not bound, what a store without an id is given. */
  readonly id: string;
  readonly isBound: boolean;
}

/** The store that belongs to the database; undefined before the first start. */
export async function findStore(db: Db): Promise<StoreOfDatabase | undefined> {
  const row = await db.selectFrom('registry').select(['store_id', 'store_bound_at']).executeTakeFirst();
  return row && { id: row.store_id, isBound: row.store_bound_at !== null };
}

/** Keeps the id of the store, unless one is kept already. */
export async function keepStore(db: Db, id: string): Promise<void> {
  await db
    .updateTable('registry')
    .set({ store_id: id, store_bound_at: sql<Date>`now()` })
    .where('store_bound_at', 'is', null)
    .execute();
}

/** The log with the longest copy in the store; undefined when no copy was written. */
export function findCopiedLog(db: Db) {
  return db
    .selectFrom('log_copies')
    .innerJoin('log_state', 'log_state.realm', 'log_copies.realm')
    .select(['log_state.realm', 'log_state.origin', 'log_state.verifier_key'])
    .where('log_copies.size', '>', 0)
    .orderBy('log_copies.size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The digest of a blob that the database names, the newest first; undefined when it names none. */
export async function findNamedBlob(db: Db): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('versions')
    .select('tar_sha256')
    .where('log_index', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.tar_sha256;
}
