import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

export type PublisherRow = Awaited<ReturnType<typeof publishersOf>>[number];

function publishers(db: Db | Trx) {
  return db
    .selectFrom('trusted_publishers')
    .innerJoin('users', 'users.id', 'trusted_publishers.created_by')
    .select([
      'trusted_publishers.id',
      'trusted_publishers.namespace',
      'trusted_publishers.workflow',
      'trusted_publishers.issuer',
      'trusted_publishers.kind',
      'trusted_publishers.claims',
      'trusted_publishers.is_pending',
      'trusted_publishers.created_by',
      'trusted_publishers.created_at',
      'trusted_publishers.last_used_at',
      'users.name as creator',
      'users.suspended_at as creator_suspended_at',
    ]);
}

/** The trusted publishers of a namespace, also of one that is not there. */
export function publishersOf(db: Db | Trx, namespace: string) {
  return publishers(db)
    .where('trusted_publishers.namespace', '=', namespace)
    .orderBy('trusted_publishers.created_at')
    .orderBy('trusted_publishers.id')
    .execute();
}

/** Those that may publish: none that somebody has made who is suspended; of a namespace that is there, only what its owners have made or, when it was pending, still own. */
export async function countingPublishers(
  db: Db | Trx,
  namespace: string,
  namespaceId: number | undefined,
): Promise<readonly PublisherRow[]> {
  const rows = (await publishersOf(db, namespace)).filter((row) => row.creator_suspended_at === null);
  if (namespaceId === undefined || rows.every(({ is_pending }) => !is_pending)) return rows;
  const owners = await db
    .selectFrom('members')
    .select('user_id')
    .where('namespace_id', '=', namespaceId)
    .where('role', '=', 'owner')
    .execute();
  const isOwner = new Set(owners.map(({ user_id }) => user_id));
  return rows.filter(({ is_pending, created_by }) => !is_pending || isOwner.has(created_by));
}

export function findPublisher(db: Db | Trx, id: string) {
  return publishers(db).where('trusted_publishers.id', '=', id).executeTakeFirst();
}

/** How many a namespace has, and how many somebody has waiting for namespaces that are not there. */
export async function countPublishers(
  trx: Trx,
  { namespace, userId }: { readonly namespace: string; readonly userId: number },
): Promise<{ readonly here: number; readonly pending: number }> {
  const { rows } = await sql<{ here: number; pending: number }>`
    select (select count(*) from trusted_publishers where namespace = ${namespace}) as here,
      (select count(*) from trusted_publishers where created_by = ${userId} and is_pending) as pending`.execute(
    trx,
  );
  return rows[0] ?? { here: 0, pending: 0 };
}

/** Adds one; undefined when the very same is there. */
export async function insertPublisher(
  trx: Trx,
  row: Insertable<Database['trusted_publishers']>,
): Promise<PublisherRow | undefined> {
  const added = await trx
    .insertInto('trusted_publishers')
    .values(row)
    .onConflict((c) => c.doNothing())
    .returning('id')
    .executeTakeFirst();
  return added && findPublisher(trx, added.id);
}

/** Removes one, and with it the keys and tokens that it was given; false when it was not there. */
export async function deletePublisher(trx: Trx, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('trusted_publishers').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Removes what somebody has added for a namespace, with the keys and tokens that it was given; answers what that was. */
export function deletePublishersBy(trx: Trx, namespace: string, userId: number) {
  return trx
    .deleteFrom('trusted_publishers')
    .where('namespace', '=', namespace)
    .where('created_by', '=', userId)
    .returning(['id', 'workflow', 'issuer'])
    .execute();
}

/** One that has just been used waits for nothing any more. */
export async function markPublisherUsed(trx: Trx, id: string, at: Date): Promise<void> {
  await trx
    .updateTable('trusted_publishers')
    .set({ last_used_at: at, is_pending: false })
    .where('id', '=', id)
    .execute();
}

/** Uses an identity token up; false when it was used before. Two that come at once wait for each other. */
export async function useIdentityToken(trx: Trx, useId: Buffer, expiresAt: Date): Promise<boolean> {
  const row = await trx
    .insertInto('used_identity_tokens')
    .values({ token_sha256: useId, expires_at: expiresAt })
    .onConflict((c) => c.doNothing())
    .returning('token_sha256')
    .executeTakeFirst();
  return row !== undefined;
}
