import { sql, type Transaction } from 'kysely';
import type { Role } from '@sheaf/client/contract';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

/** What a request needs of the person that it comes from. */
export const PERSON_COLUMNS = [
  'users.id as user_id',
  'users.name as user_name',
  'users.is_admin',
  'users.suspended_at',
] as const;

/** Roles as they come from the database, by namespace. */
export type RolesJson = Readonly<Record<string, Role>>;

/** The roles of the person in the row. */
export function rolesJson() {
  return roles.as('roles');
}

/** As {@link rolesJson}, in one of the rows of each person only: null in their others. */
export function rolesOnceJson() {
  return sql<RolesJson | null>`case when row_number() over (partition by users.id) = 1 then ${roles} end`.as(
    'roles',
  );
}

/** A row with its roles as a map. */
export function withRoles<Row extends { readonly roles: RolesJson }>(row: Row) {
  return { ...row, roles: rolesMap(row.roles) };
}

/** Names are anybody's choice: a map takes every one. */
export function rolesMap(json: RolesJson): ReadonlyMap<string, Role> {
  return new Map(Object.entries(json));
}

const roles = sql<RolesJson>`coalesce((
  select json_object_agg(n.name, m.role)
  from members m join namespaces n on n.id = m.namespace_id
  where m.user_id = users.id), '{}'::json)`;

/** Whether the person in the row can sign in at an identity provider. */
export function hasIdentity() {
  return sql<boolean>`exists (select from identities i where i.user_id = users.id)`.as('has_identity');
}

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

/** Of some names, those that are somebody's. */
export async function takenNames(
  trx: Transaction<Database>,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await trx.selectFrom('users').select('name').where('name', 'in', names).execute();
  return new Set(rows.map(({ name }) => name));
}

export function findUser(db: Db | Transaction<Database>, name: string) {
  return db
    .selectFrom('users')
    .select(['id', 'name', 'is_admin', 'suspended_at'])
    .where('name', '=', name)
    .executeTakeFirst();
}

/** What a person may do here, which stays so until the transaction ends. */
export function holdUser(trx: Transaction<Database>, id: number) {
  return trx
    .selectFrom('users')
    .select(['is_admin', 'suspended_at'])
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
}

/** Suspends somebody, or lifts it; their tokens and sessions stay, and are refused meanwhile. False: there is nobody. */
export async function setSuspended(
  db: Db | Transaction<Database>,
  name: string,
  at: Date | null,
): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ suspended_at: at })
    .where('name', '=', name)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Makes somebody admin of the registry, or no admin. False: there is nobody of this name. */
export async function setAdmin(
  db: Db | Transaction<Database>,
  name: string,
  isAdmin: boolean,
): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ is_admin: isAdmin })
    .where('name', '=', name)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Whether others than this person administer the registry by name and are let in; none of them changes until the transaction ends. */
export async function hasOtherAdmin(trx: Transaction<Database>, name: string): Promise<boolean> {
  const rows = await trx
    .selectFrom('users')
    .select('name')
    .where('is_admin', '=', true)
    .where('suspended_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.some((row) => row.name !== name);
}

/** The administrators of the registry, by name; a thousand of them at most. */
export function listAdmins(db: Db) {
  return db
    .selectFrom('users')
    .select(['name', 'created_at', 'suspended_at'])
    .where('is_admin', '=', true)
    .orderBy('name')
    .limit(1000)
    .execute();
}
