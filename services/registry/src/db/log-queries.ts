import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import { tryingToHoldKeys } from './key-queries.js';
import type { Database, SubjectKind } from './schema.js';
import { assertPlaceable, type QueuedLeaf } from '../domain/log/leaves.js';

type Trx = Transaction<Database>;

export interface QueueEntry {
  readonly realm: string;
  readonly namespace: string;
  readonly leaf: QueuedLeaf;
  readonly subjectKind: SubjectKind;
  readonly subjectId: number;
  readonly auditId: number;
}

/**
 * Queues a leaf in the transaction of what it records: both happen or neither.
 *
 * @throws BundleError `leaf.invalid` for one that could never be placed and would block the log
 */
export async function enqueueLeaf(trx: Trx, entry: QueueEntry): Promise<void> {
  assertPlaceable(entry.leaf);
  await trx
    .insertInto('log_queue')
    .values({
      realm: entry.realm,
      namespace: entry.namespace,
      leaf: JSON.stringify(entry.leaf),
      subject_kind: entry.subjectKind,
      subject_id: entry.subjectId,
      audit_id: entry.auditId,
    })
    .execute();
}

const STATE_COLUMNS = ['realm', 'origin', 'verifier_key', 'size', 'root', 'last_time'] as const;

/** The database's clock, in seconds since the epoch. */
const CLOCK = sql<number>`extract(epoch from clock_timestamp())::double precision`;

export function findLogState(db: Db | Trx, realm: string) {
  return db
    .selectFrom('log_state')
    .select(STATE_COLUMNS)
    .select(CLOCK.as('clock'))
    .where('realm', '=', realm)
    .executeTakeFirst();
}

/** The log's state, locked until the transaction ends: whoever holds it is the only one that appends. */
export function lockLogState(trx: Trx, realm: string) {
  return trx
    .selectFrom('log_state')
    .select(STATE_COLUMNS)
    .select(CLOCK.as('clock'))
    .where('realm', '=', realm)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

/**
 * As {@link lockLogState}, and tries to hold the keys of namespaces as `tryHoldKeys` does, before it waits for the log:
 * `isHeld` says whether they are.
 */
export function lockLogStateHolding(trx: Trx, realm: string, namespaceIds: readonly number[]) {
  return trx
    .selectFrom('log_state')
    .select(STATE_COLUMNS)
    .select([CLOCK.as('clock'), sql<boolean>`(${tryingToHoldKeys(namespaceIds)})`.as('isHeld')])
    .where('realm', '=', realm)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

export async function createLogState(db: Db | Trx, row: Insertable<Database['log_state']>): Promise<void> {
  await db
    .insertInto('log_state')
    .values(row)
    .onConflict((c) => c.column('realm').doNothing())
    .execute();
}

/**
 * Takes up to `limit` leaves out of the queue, those that failed least first, then the oldest id; more only to take the whole
 * of a group, which gets its places together. Ids commit out of order, so the queue is emptied
 * by what is visible and never by "greater than the last one".
 */
export async function drainQueue(trx: Trx, realm: string, limit: number): Promise<readonly DrainedLeaf[]> {
  const { rows } = await sql<DrainedRow>`
    with first as (
      select id, group_id from log_queue where realm = ${realm} order by attempts, id limit ${limit}
    ), drained as (
      delete from log_queue where id in (
        select id from first
        union
        select q.id from log_queue q where q.group_id in (select f.group_id from first f where f.group_id is not null))
      returning id, namespace, leaf, subject_kind, subject_id, audit_id, group_id)
    select d.*, h.seq as head_seq, h.leaf_hash as head_hash, e.signers_end
    from drained d left join log_heads h on h.realm = ${realm} and h.namespace = d.namespace
    left join lateral (
      select extract(epoch from min(k.expires_at))::double precision as signers_end
      from ephemeral_keys k join namespaces n on n.id = k.namespace_id
      where n.name = d.namespace
        and k.key_id in (select jsonb_array_elements_text(d.leaf -> 'keyids'))) e on d.subject_kind = 'version'
    order by d.id`.execute(trx);
  return rows.map(({ head_seq, head_hash, signers_end, ...row }) => ({
    ...row,
    signersEnd: signers_end ?? undefined,
    head: head_seq === null || head_hash === null ? undefined : { seq: head_seq, leafHash: head_hash },
  }));
}

/** The newest leaf of a namespace that has its place. */
export interface NamespaceHead {
  readonly seq: number;
  /** In hexadecimal. */
  readonly leafHash: string;
}

/** The heads of those of the namespaces that have any leaf. */
export async function findHeads(
  trx: Trx,
  realm: string,
  namespaces: readonly string[],
): Promise<ReadonlyMap<string, NamespaceHead>> {
  const rows = await trx
    .selectFrom('log_heads')
    .select(['namespace', 'seq', 'leaf_hash'])
    .where('realm', '=', realm)
    .where('namespace', '=', sql<string>`any(${[...namespaces]}::text[])`)
    .execute();
  return new Map(rows.map(({ namespace, seq, leaf_hash: leafHash }) => [namespace, { seq, leafHash }]));
}

/** A leaf that was taken out of the queue. */
export interface DrainedLeaf {
  readonly id: number;
  readonly namespace: string;
  readonly leaf: QueuedLeaf;
  readonly subject_kind: SubjectKind;
  readonly subject_id: number;
  readonly audit_id: number;
  /** Shared by leaves that get their places together. */
  readonly group_id: number | null;
  /** Of its namespace; undefined when this is its first leaf. */
  readonly head: NamespaceHead | undefined;
  /** Of a publish that ephemeral keys have signed: when the first of them ends, in seconds since the epoch. */
  readonly signersEnd: number | undefined;
}

interface DrainedRow extends Omit<DrainedLeaf, 'head' | 'signersEnd'> {
  readonly signers_end: number | null;
  readonly head_seq: number | null;
  readonly head_hash: string | null;
}

/**
 * Sends the leaf that comes next to the end of the queue, with its group, because it could not be placed. Returns how often
 * that happened.
 */
export async function postponeNext(db: Db, realm: string): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    with next as (
      select id, group_id from log_queue where realm = ${realm} order by attempts, id limit 1)
    update log_queue q set attempts = q.attempts + 1
    from next where q.id = next.id or q.group_id = next.group_id
    returning q.attempts`.execute(db);
  return rows[0]?.attempts ?? 0;
}

/** How many leaves of a realm wait, and how many its log has; 0 for a realm without a log. */
export async function queueProgress(db: Db, realm: string): Promise<{ waiting: number; size: number }> {
  const { rows } = await sql<{ waiting: number; size: number }>`
    select (select count(*) from log_queue where realm = ${realm}) as waiting,
      coalesce((select size from log_state where realm = ${realm}), 0) as size`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('a query without a from clause answers no row');
  return row;
}

/**
 * Realms that have leaves in the queue, or whose newest checkpoint is not known to be copied, in the order of their names,
 * from the first one after `after`.
 */
export async function realmsThatWait(db: Db, after: string, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ realm: string }>`
    select realm from log_queue where realm > ${after}
    union
    select s.realm from log_state s left join log_copies c on c.realm = s.realm
      where s.realm > ${after} and s.size > coalesce(c.size, 0)
    order by realm limit ${limit}`.execute(db);
  return rows.map((r) => r.realm);
}

/** Stores a checkpoint that nobody adds cosignatures to. */
export async function storeCheckpoint(
  db: Db | Trx,
  realm: string,
  size: number,
  note: string,
): Promise<void> {
  await db
    .insertInto('log_checkpoints')
    .values({ realm, size, note, open_until: null })
    .onConflict((c) => c.columns(['realm', 'size']).doNothing())
    .execute();
}

export function newestCheckpoint(db: Db, realm: string) {
  return db
    .selectFrom('log_checkpoints')
    .select(['size', 'note'])
    .where('realm', '=', realm)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function findCheckpoint(db: Db | Trx, realm: string, size: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('log_checkpoints')
    .select('note')
    .where('realm', '=', realm)
    .where('size', '=', size)
    .executeTakeFirst();
  return row?.note;
}

export async function findTile(
  db: Db | Trx,
  realm: string,
  level: number,
  index: number,
): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('log_tiles')
    .select('hashes')
    .where('realm', '=', realm)
    .where('level', '=', level)
    .where('index', '=', index)
    .executeTakeFirst();
  return row?.hashes;
}

/** Those of the tiles that are there, with one query. */
export async function findTiles(
  db: Db | Trx,
  realm: string,
  addresses: readonly { readonly level: number; readonly index: number }[],
) {
  const { rows } = await sql<{ level: number; index: number; hashes: Buffer }>`
    select t.level, t.index, t.hashes from log_tiles t
    join unnest(${addresses.map((a) => a.level)}::smallint[], ${addresses.map((a) => a.index)}::bigint[]) as a(level, index)
      on t.level = a.level and t.index = a.index
    where t.realm = ${realm}`.execute(db);
  return rows;
}

export function leavesBetween(db: Db, realm: string, start: number, end: number) {
  return db
    .selectFrom('log_leaves')
    .select(['index', 'leaf'])
    .where('realm', '=', realm)
    .where('index', '>=', start)
    .where('index', '<', end)
    .orderBy('index')
    .execute();
}

export function leavesAt(db: Db, realm: string, indices: readonly number[]) {
  return db
    .selectFrom('log_leaves')
    .select(['index', 'leaf'])
    .where('realm', '=', realm)
    .where('index', '=', sql<number>`any(${[...indices]}::bigint[])`)
    .execute();
}
