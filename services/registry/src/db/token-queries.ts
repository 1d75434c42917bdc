import type { Insertable, Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database, Role } from './schema.js';

const TOKEN_COLUMNS = [
  'id',
  'user_id',
  'name',
  'scopes',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;

export type TokenRow = NonNullable<Awaited<ReturnType<typeof findToken>>>;

export async function insertToken(
  db: Db | Transaction<Database>,
  row: Insertable<Database['tokens']>,
): Promise<void> {
  await db.insertInto('tokens').values(row).execute();
}

export function findToken(db: Db, id: string) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .select(TOKEN_COLUMNS.map((c) => `tokens.${c}` as const))
    .select(['tokens.secret_sha256', 'users.name as user_name', 'users.is_admin'])
    .where('tokens.id', '=', id)
    .executeTakeFirst();
}

export async function touchToken(db: Db, id: string, at: Date): Promise<void> {
  await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
}

export function listTokens(db: Db, userId: number) {
  return db
    .selectFrom('tokens')
    .select(TOKEN_COLUMNS)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at')
    .execute();
}

export async function revokeToken(db: Db, userId: number, id: string, at: Date): Promise<boolean> {
  const result = await db
    .updateTable('tokens')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function rolesOfUser(db: Db, userId: number): Promise<ReadonlyMap<string, Role>> {
  const rows = await db
    .selectFrom('members')
    .innerJoin('namespaces', 'namespaces.id', 'members.namespace_id')
    .select(['namespaces.name', 'members.role'])
    .where('members.user_id', '=', userId)
    .execute();
  return new Map(rows.map((r) => [r.name, r.role]));
}
