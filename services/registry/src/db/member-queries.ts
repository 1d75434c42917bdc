import { sql, type Transaction } from 'kysely';
import type { Role } from '@sheaf/client/contract';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Executor = Db | Transaction<Database>;

/** Holds who is a member of the namespace until the transaction ends. */
export async function lockMembers(trx: Transaction<Database>, namespaceId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('sheaf.members', ${namespaceId}))`.execute(trx);
}

/** Makes those who become members of something as the same person do so one after the other, until the transaction ends. */
export async function lockMemberships(trx: Transaction<Database>, userId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('sheaf.memberships', ${userId}))`.execute(trx);
}

/** Of how many namespaces somebody is a member, confirmed by the log or not; one may be left out. */
export async function countMemberships(
  db: Executor,
  userId: number,
  exceptNamespaceId?: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((b) => b.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .$if(exceptNamespaceId !== undefined, (query) =>
      query.where('namespace_id', '!=', exceptNamespaceId ?? 0),
    )
    .executeTakeFirstOrThrow();
  return count;
}

/** Members of a namespace, owners first, then by name. */
export function listMembers(db: Executor, namespaceId: number) {
  return db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['users.name as user', 'members.role'])
    .where('members.namespace_id', '=', namespaceId)
    .orderBy(sql`array_position(array['owner', 'maintainer', 'publisher', 'reader'], members.role)`)
    .orderBy('users.name')
    .execute();
}

export async function findRole(db: Executor, namespaceId: number, userId: number): Promise<Role | undefined> {
  const row = await db
    .selectFrom('members')
    .select('role')
    .where('namespace_id', '=', namespaceId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.role;
}

export async function countOwners(db: Executor, namespaceId: number): Promise<number> {
  const { count } = await db
    .selectFrom('members')
    .select((b) => b.fn.countAll<number>().as('count'))
    .where('namespace_id', '=', namespaceId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  return count;
}

/** Gives somebody a role, whether they had one or not. */
export async function setRole(
  trx: Transaction<Database>,
  namespaceId: number,
  userId: number,
  role: Role,
): Promise<void> {
  await trx
    .insertInto('members')
    .values({ namespace_id: namespaceId, user_id: userId, role })
    .onConflict((c) => c.columns(['namespace_id', 'user_id']).doUpdateSet({ role }))
    .execute();
}

export async function deleteMember(
  trx: Transaction<Database>,
  namespaceId: number,
  userId: number,
): Promise<void> {
  await trx
    .deleteFrom('members')
    .where('namespace_id', '=', namespaceId)
    .where('user_id', '=', userId)
    .execute();
}

/** The namespaces that somebody is a member of and that the log has confirmed. */
export function listNamespacesOf(db: Db, userId: number) {
  return db
    .selectFrom('members')
    .innerJoin('namespaces', 'namespaces.id', 'members.namespace_id')
    .select(['namespaces.name', 'namespaces.visibility', 'members.role'])
    .where('members.user_id', '=', userId)
    .where('namespaces.log_index', 'is not', null)
    .orderBy('namespaces.name')
    .execute();
}
