import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import { PERSON_COLUMNS, hasIdentity, rolesJson, withRoles } from './user-queries.js';
import type { Database } from './schema.js';

/** Who a person is at an identity provider. */
export interface IdentityKey {
  readonly issuer: string;
  readonly subject: string;
}

/** The person behind an identity, with their roles. */
export async function findPersonByIdentity(db: Db | Transaction<Database>, { issuer, subject }: IdentityKey) {
  const row = await db
    .selectFrom('identities')
    .innerJoin('users', 'users.id', 'identities.user_id')
    .select(['identities.id as identity_id', ...PERSON_COLUMNS])
    .select([rolesJson(), hasIdentity()])
    .where('identities.issuer', '=', issuer)
    .where('identities.subject', '=', subject)
    .executeTakeFirst();
  return row && withRoles(row);
}

/** Lets one transaction at a time make users of identities; until it ends. */
export async function lockIdentities(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('sheaf.identities', 0))`.execute(trx);
}

export async function insertIdentity(
  trx: Transaction<Database>,
  userId: number,
  { issuer, subject }: IdentityKey,
): Promise<void> {
  await trx.insertInto('identities').values({ user_id: userId, issuer, subject }).execute();
}
