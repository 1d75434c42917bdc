import type { Insertable, Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Executor = Db | Transaction<Database>;
export type InvitationRow = Awaited<ReturnType<typeof listInvitationsOf>>[number];

function invitations(db: Executor, now: Date) {
  return db
    .selectFrom('invitations')
    .innerJoin('namespaces', 'namespaces.id', 'invitations.namespace_id')
    .innerJoin('users as invited', 'invited.id', 'invitations.user_id')
    .innerJoin('users as inviting', 'inviting.id', 'invitations.invited_by')
    .select([
      'invitations.id',
      'invitations.namespace_id',
      'invitations.user_id',
      'invitations.role',
      'invitations.is_transfer',
      'invitations.invited_by',
      'invitations.created_at',
      'invitations.expires_at',
      'namespaces.name as namespace',
      'namespaces.realm',
      'namespaces.visibility',
      'invited.name as user',
      'inviting.name as inviter',
      'inviting.suspended_at as inviter_suspended_at',
    ])
    .where('invitations.expires_at', '>', now)
    .orderBy('invitations.id');
}

/** Those that somebody has not answered. */
export function listInvitationsOf(db: Executor, userId: number, now: Date) {
  return invitations(db, now).where('invitations.user_id', '=', userId).limit(1000).execute();
}

/** Those into a namespace that nobody has answered. */
export function listInvitationsInto(db: Executor, namespaceId: number, now: Date) {
  return invitations(db, now).where('invitations.namespace_id', '=', namespaceId).limit(1000).execute();
}

export function findInvitation(db: Executor, id: number, now: Date) {
  return invitations(db, now).where('invitations.id', '=', id).executeTakeFirst();
}

/** Invites, or changes what somebody is invited to; the id changes with it, so that nobody accepts what they did not see. */
export async function putInvitation(
  trx: Transaction<Database>,
  row: Insertable<Database['invitations']>,
): Promise<number> {
  await trx
    .deleteFrom('invitations')
    .where('namespace_id', '=', row.namespace_id)
    .where('user_id', '=', row.user_id)
    .execute();
  return (await trx.insertInto('invitations').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

export async function deleteInvitation(trx: Transaction<Database>, id: number): Promise<void> {
  await trx.deleteFrom('invitations').where('id', '=', id).execute();
}

/** Takes back what somebody has invited to and nobody has answered. */
export async function deleteInvitationsBy(
  trx: Transaction<Database>,
  namespaceId: number,
  userId: number,
): Promise<void> {
  await trx
    .deleteFrom('invitations')
    .where('namespace_id', '=', namespaceId)
    .where('invited_by', '=', userId)
    .execute();
}

/** Removes what nobody answered in time. Returns how many there were. */
export async function deleteExpiredInvitations(db: Db, now: Date): Promise<number> {
  const result = await db.deleteFrom('invitations').where('expires_at', '<=', now).executeTakeFirst();
  return Number(result.numDeletedRows);
}

export async function insertTransfer(
  trx: Transaction<Database>,
  row: Insertable<Database['ownership_transfers']>,
): Promise<number> {
  return (await trx.insertInto('ownership_transfers').values(row).returning('id').executeTakeFirstOrThrow())
    .id;
}

/** What became of an invitation to take a namespace over that somebody has accepted. */
export function findTransfer(db: Db, invitationId: number, toUser: number) {
  return db
    .selectFrom('ownership_transfers')
    .innerJoin('namespaces', 'namespaces.id', 'ownership_transfers.namespace_id')
    .select(['ownership_transfers.id', 'namespaces.name', 'namespaces.realm', 'namespaces.visibility'])
    .where('ownership_transfers.invitation_id', '=', invitationId)
    .where('ownership_transfers.to_user', '=', toUser)
    .executeTakeFirst();
}
