import { sql, type Insertable, type Transaction } from 'kysely';
import type { Role } from '@sheaf/client/contract';
import type { Db } from './connection.js';
import { gathered } from './gathered.js';
import { PERSON_COLUMNS, hasIdentity, rolesMap, rolesOnceJson } from './user-queries.js';
import type { Database } from './schema.js';

const TOKEN_COLUMNS = [
  'tokens.id',
  'tokens.name',
  'tokens.scopes',
  'tokens.created_at',
  'tokens.expires_at',
  'tokens.last_used_at',
  'tokens.revoked_at',
] as const;

export type TokenRow = Omit<Awaited<ReturnType<typeof tokensById>>[number], 'roles'> & {
  /** By namespace; the same map for all tokens of a person that were asked for together. */
  readonly roles: ReadonlyMap<string, Role>;
};

export async function insertToken(
  db: Db | Transaction<Database>,
  row: Insertable<Database['tokens']>,
): Promise<void> {
  await db.insertInto('tokens').values(row).execute();
}

/**
 * A token with the person that it belongs to and their roles: every request asks for it, so those of one moment ask together.
 * The roles of a person are looked up once, however many of their tokens are asked for.
 */
export const findToken = gathered<string, TokenRow | undefined>(async (db, ids) => {
  const rows = await tokensById(db, ids);
  const rolesOf = new Map<number, ReadonlyMap<string, Role>>();
  for (const { user_id, roles } of rows) if (roles) rolesOf.set(user_id, rolesMap(roles));
  const tokens = new Map(
    rows.map((row): [string, TokenRow] => [
      row.id,
      { ...row, roles: rolesOf.get(row.user_id) ?? rolesMap({}) },
    ]),
  );
  return ids.map((id) => tokens.get(id));
});

function tokensById(db: Db, ids: readonly string[]) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .select([...TOKEN_COLUMNS, 'tokens.secret_sha256', ...PERSON_COLUMNS])
    .select([rolesOnceJson(), hasIdentity()])
    .where('tokens.id', '=', sql<string>`any(${[...new Set(ids)]}::text[])`)
    .execute();
}

export async function touchToken(db: Db, id: string, at: Date): Promise<void> {
  await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
}

/** The newest of a person that are not revoked, those that have expired included. */
export function listTokens(db: Db, userId: number, limit: number) {
  return db
    .selectFrom('tokens')
    .select(TOKEN_COLUMNS)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
}

/** How many tokens of a person are in force. */
export async function countTokens(
  db: Db | Transaction<Database>,
  userId: number,
  now: Date,
): Promise<number> {
  const { count } = await db
    .selectFrom('tokens')
    .select((b) => b.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where((b) => b.or([b('expires_at', 'is', null), b('expires_at', '>', now)]))
    .executeTakeFirstOrThrow();
  return count;
}

export async function revokeToken(
  db: Db | Transaction<Database>,
  userId: number,
  id: string,
  at: Date,
): Promise<boolean> {
  const result = await db
    .updateTable('tokens')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
