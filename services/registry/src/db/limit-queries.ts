import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/** How much of what a subject has stored. */
export interface UsageChange {
  readonly subject: string;
  readonly bytes: number;
  readonly versions: number;
  readonly workflows: number;
}

/** What a subject has stored, and the limits that were set for it and hold. */
export interface UsageRow extends UsageChange {
  readonly max_bytes: number | null;
  readonly max_versions: number | null;
  readonly max_workflows: number | null;
}

/** Gives back what was charged. */
export async function reduceUsage(trx: Trx, changes: readonly UsageChange[]): Promise<void> {
  await sql`
    update quota_usage q set bytes = q.bytes - c.bytes, versions = q.versions - c.versions,
      workflows = q.workflows - c.workflows
    from unnest(${changes.map((c) => c.subject)}::text[], ${changes.map((c) => c.bytes)}::bigint[],
      ${changes.map((c) => c.versions)}::bigint[], ${changes.map((c) => c.workflows)}::bigint[])
      as c(subject, bytes, versions, workflows)
    where q.subject = c.subject`.execute(trx);
}

const COLUMNS = ['subject', 'bytes', 'versions', 'workflows', 'requests_per_minute', 'namespaces'] as const;

/** The limits that were set for a subject, whether they have expired or not. */
export function findLimits(db: Db | Trx, subject: string) {
  return db
    .selectFrom('limits')
    .select([...COLUMNS, 'reason', 'expires_at'])
    .where('subject', '=', subject)
    .executeTakeFirst();
}

/** All limits that were set, in the order of their subjects. */
export function listLimits(db: Db) {
  return db
    .selectFrom('limits')
    .select([...COLUMNS, 'reason', 'expires_at'])
    .orderBy('subject')
    .execute();
}

/** Makes those who change the limits of a subject take turns; held until the transaction ends. */
export async function lockLimits(trx: Trx, subject: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`limits ${subject}`}, 0))`.execute(trx);
}

export async function storeLimits(trx: Trx, row: Insertable<Database['limits']>): Promise<void> {
  const { subject, ...values } = row;
  await trx
    .insertInto('limits')
    .values({ subject, ...values })
    .onConflict((c) => c.column('subject').doUpdateSet(values))
    .execute();
}

/** Whether there were any. */
export async function removeLimits(trx: Trx, subject: string): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('limits').where('subject', '=', subject).executeTakeFirst();
  return numDeletedRows > 0n;
}

export function findUsage(db: Db, subject: string) {
  return db
    .selectFrom('quota_usage')
    .select(['bytes', 'versions', 'workflows'])
    .where('subject', '=', subject)
    .executeTakeFirst();
}

/** Requests a minute that were set for each subject and hold. */
export async function findRequestLimits(
  db: Db,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('limits')
    .select(['subject', 'requests_per_minute'])
    .where('subject', 'in', [...subjects])
    .where('requests_per_minute', 'is not', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`now()`)]))
    .execute();
  return new Map(
    rows.flatMap((r) => (r.requests_per_minute === null ? [] : [[r.subject, r.requests_per_minute]])),
  );
}

export async function findNamespaceName(db: Db, id: number): Promise<string | undefined> {
  return (await db.selectFrom('namespaces').select('name').where('id', '=', id).executeTakeFirst())?.name;
}

export async function findUserName(db: Db, id: number): Promise<string | undefined> {
  return (await db.selectFrom('users').select('name').where('id', '=', id).executeTakeFirst())?.name;
}
