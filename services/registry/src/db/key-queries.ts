import { sql, type Insertable, type RawBuilder, type Transaction } from 'kysely';
import type { RevocationReason } from '@sheaf/client/contract';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

export interface RevocationRow {
  readonly reason: RevocationReason;
  readonly from_index: number | null;
  readonly created_at: Date;
  /** Null while it waits for its place in the log; it counts from the moment it is stored. */
  readonly log_index: number | null;
}

/** A key that the log has confirmed. */
export interface KeyRow {
  readonly key_id: string;
  readonly public_key: Buffer;
  readonly created_at: Date;
  readonly is_recovery: boolean;
  readonly log_index: number;
  /** In the order of their acceptance, each refusing more than those before it. */
  readonly revocations: readonly RevocationRow[];
}

/** Confirmed keys of a namespace in the order of the log, revoked ones included. */
export async function keysOf(db: Db | Trx, namespaceId: number): Promise<readonly KeyRow[]> {
  const rows = await db
    .selectFrom('keys as k')
    .leftJoin('key_revocations as r', 'r.key_id', 'k.id')
    .select(['k.key_id', 'k.public_key', 'k.created_at', 'k.is_recovery', 'k.log_index'])
    .select(['r.reason', 'r.from_index', 'r.created_at as revoked_at', 'r.log_index as revoked_index'])
    .where('k.namespace_id', '=', namespaceId)
    .where('k.log_index', 'is not', null)
    .orderBy('k.log_index')
    .orderBy('r.id')
    .execute();
  const keys = new Map<string, KeyRow & { readonly revocations: RevocationRow[] }>();
  for (const { log_index, reason, from_index, revoked_at, revoked_index, ...row } of rows) {
    if (log_index === null) continue;
    const key = keys.get(row.key_id) ?? { ...row, log_index, revocations: [] };
    keys.set(row.key_id, key);
    if (reason !== null && revoked_at !== null)
      key.revocations.push({ reason, from_index, created_at: revoked_at, log_index: revoked_index });
  }
  return [...keys.values()];
}

/** A key that may have signed something, and what it counts for. */
export interface SigningKeyRow {
  readonly key_id: string;
  readonly public_key: Buffer;
  readonly log_index: number;
  readonly is_revoked: boolean;
  /** How many keys the namespace asks for: the strictest of the policy in force and those that wait for the log. */
  readonly threshold: number;
}

/**
 * The keys that the log has confirmed for the namespace, or those of them with these ids. One statement, so one view of
 * keys and policy.
 */
export async function signingKeys(
  db: Db | Trx,
  namespaceId: number,
  keyIds?: readonly string[],
): Promise<readonly SigningKeyRow[]> {
  const { rows } = await sql<SigningKeyRow>`
    select k.key_id, k.public_key, k.log_index,
      exists (select from key_revocations r where r.key_id = k.id) as is_revoked,
      (${thresholdOf(namespaceId)}) as threshold
    from keys k
    where k.namespace_id = ${namespaceId} and k.log_index is not null
      and (${keyIds === undefined} or k.key_id = any(${[...(keyIds ?? [])]}::text[]))
    order by k.log_index`.execute(db);
  return rows;
}

/**
 * Which of these keys of trusted publishers may sign for a workflow: those that the log has confirmed and whose time is not
 * over.
 */
export async function findEphemeralSigners(
  db: Db | Trx,
  namespaceId: number,
  asked: { readonly keyIds: readonly string[]; readonly workflow: string },
): Promise<readonly SigningKeyRow[]> {
  const { rows } = await sql<SigningKeyRow>`
    select e.key_id, e.public_key, e.log_index, false as is_revoked, (${thresholdOf(namespaceId)}) as threshold
    from ephemeral_keys e
    where e.namespace_id = ${namespaceId} and e.key_id = any(${[...asked.keyIds]}::text[]) and e.log_index is not null
      and (e.workflow is null or e.workflow = ${asked.workflow}) and e.expires_at > clock_timestamp()`.execute(
    db,
  );
  return rows;
}

export interface PolicyRow {
  readonly threshold: number;
  readonly event: Buffer;
  readonly log_index: number | null;
}

/** The policy in force, when there is one, and those that wait for their place in the log. */
export function policiesOf(db: Db | Trx, namespaceId: number): Promise<readonly PolicyRow[]> {
  return db
    .selectFrom('namespace_policies as p')
    .select(['p.threshold', 'p.event', 'p.log_index'])
    .where('p.namespace_id', '=', namespaceId)
    .where((eb) =>
      eb.or([
        eb('p.log_index', 'is', null),
        eb('p.log_index', '=', (q) =>
          q
            .selectFrom('namespace_policies')
            .select((e) => e.fn.max('log_index').as('newest'))
            .where('namespace_id', '=', namespaceId),
        ),
      ]),
    )
    .orderBy('p.id')
    .execute();
}

/** A key, whether the log has confirmed it or not. */
export function findKey(db: Db | Trx, namespaceId: number, keyId: string) {
  return db
    .selectFrom('keys')
    .select(['id', 'log_index'])
    .where('namespace_id', '=', namespaceId)
    .where('key_id', '=', keyId)
    .executeTakeFirst();
}

/**
 * How many releases a revocation of a key from an index on would refuse that stand so far: those that the log holds, and
 * those that wait, which get their place before the revocation does.
 */
export async function newlyRefused(
  trx: Trx,
  namespaceId: number,
  { keyId, fromIndex }: { readonly keyId: string; readonly fromIndex: number },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from workflows w join versions v on v.workflow_id = w.id
    where w.namespace_id = ${namespaceId} and ${keyId} = any(v.key_ids)
      and (v.log_index is null or v.log_index >= ${fromIndex}) and v.revoked_index is null`.execute(trx);
  return rows[0]?.n ?? 0;
}

/**
 * Locks the keys and the policy of a namespace for a change, until the transaction ends: changes take turns, and nobody
 * who holds them ({@link holdKeys}) sees one half done.
 *
 * An advisory lock, because it is granted in the order of asking: a lock on the row would let whoever publishes without a
 * pause keep the revocation of the key waiting for ever.
 */
export async function lockKeys(trx: Trx, namespaceId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${KEYS_LOCK}, ${lockId(namespaceId)})`.execute(trx);
}

/**
 * Keeps the keys and the policy of a namespace as they are until the transaction ends. What is queued for the log in
 * it comes before every change that is made afterwards. Any number may hold them at once.
 */
export async function holdKeys(trx: Trx, namespaceId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${KEYS_LOCK}, ${lockId(namespaceId)})`.execute(trx);
}

/**
 * As {@link holdKeys} for several namespaces, without waiting: false when the keys of one are being changed, or about to be.
 *
 * The transaction will not wait for the disk when it commits: whoever answers for it waits for the append of the log that
 * follows, which does, and a database writes in order.
 */
export async function tryHoldKeys(trx: Trx, namespaceIds: readonly number[]): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select (${tryingToHoldKeys(namespaceIds)}) as held
    where set_config('synchronous_commit', 'off', true) is not null`.execute(trx);
  return rows[0]?.held ?? false;
}

/** As a part of another statement, tries to hold the keys of namespaces until the transaction ends; true when all are held. */
export function tryingToHoldKeys(namespaceIds: readonly number[]): RawBuilder<boolean> {
  return sql`select bool_and(pg_try_advisory_xact_lock_shared(${sql.lit(KEYS_LOCK)}, id))
    from unnest(${namespaceIds.map(lockId)}::int[]) as id`;
}

/** Sets these locks apart from any other advisory lock of the database: "keys" in ASCII. */
const KEYS_LOCK = 0x6b657973;

/** Two namespaces may share a lock when there are more than 2^31: they then wait for each other, and nothing else. */
function lockId(namespaceId: number): number {
  return namespaceId % 2 ** 31;
}

export async function insertKey(trx: Trx, row: Insertable<Database['keys']>): Promise<number> {
  return (await trx.insertInto('keys').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

export async function insertRevocation(
  trx: Trx,
  row: Insertable<Database['key_revocations']>,
): Promise<number> {
  return (await trx.insertInto('key_revocations').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

export async function insertPolicy(
  trx: Trx,
  row: Insertable<Database['namespace_policies']>,
): Promise<number> {
  return (await trx.insertInto('namespace_policies').values(row).returning('id').executeTakeFirstOrThrow())
    .id;
}

/** The strictest threshold of the policy of a namespace that is in force, and of those that wait for the log. */
export function thresholdOf(namespaceId: number | RawBuilder<unknown>) {
  return sql`
    select coalesce(max(threshold), 1) from namespace_policies
    where namespace_id = ${namespaceId} and (log_index is null or log_index = (
      select max(log_index) from namespace_policies where namespace_id = ${namespaceId}))`;
}
