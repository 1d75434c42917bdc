import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
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

export function findLogState(db: Db | Trx, realm: string) {
  return db.selectFrom('log_state').selectAll().where('realm', '=', realm).executeTakeFirst();
}

/** The log's state, locked until the transaction ends: whoever holds it is the only one that appends. */
export function lockLogState(trx: Trx, realm: string) {
  return trx
    .selectFrom('log_state')
    .selectAll()
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
 * Takes up to `limit` leaves out of the queue, those that failed least first, then the oldest id. Ids commit out of order, so the queue is emptied
 * by what is visible and never by "greater than the last one".
 */
export async function drainQueue(trx: Trx, realm: string, limit: number) {
  const rows = await trx
    .deleteFrom('log_queue')
    .where('id', 'in', (q) =>
      q
        .selectFrom('log_queue')
        .select('id')
        .where('realm', '=', realm)
        .orderBy('attempts')
        .orderBy('id')
        .limit(limit),
    )
    .returning(['id', 'namespace', 'leaf', 'subject_kind', 'subject_id', 'audit_id'])
    .execute();
  return rows.sort((a, b) => a.id - b.id);
}

/** Sends the leaf that comes next to the end of the queue, because it could not be placed. Returns how often that happened. */
export async function postponeNext(db: Db, realm: string): Promise<number> {
  const row = await db
    .updateTable('log_queue')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('id', '=', (q) =>
      q
        .selectFrom('log_queue')
        .select('id')
        .where('realm', '=', realm)
        .orderBy('attempts')
        .orderBy('id')
        .limit(1),
    )
    .returning('attempts')
    .executeTakeFirst();
  return row?.attempts ?? 0;
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

/** Realms that have leaves in the queue, in the order of their names, from the first one after `after`. */
export async function realmsThatWait(db: Db, after: string, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('log_queue')
    .select('realm')
    .distinct()
    .where('realm', '>', after)
    .orderBy('realm')
    .limit(limit)
    .execute();
  return rows.map((r) => r.realm);
}

export function headsOf(trx: Trx, realm: string, namespaces: readonly string[]) {
  return trx
    .selectFrom('log_heads')
    .select(['namespace', 'seq', 'leaf_hash'])
    .where('realm', '=', realm)
    .where('namespace', 'in', namespaces)
    .execute();
}

export interface Appended {
  readonly realm: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timeSeconds: number;
  readonly note: string;
  /** How long witnesses may add their lines to the note. */
  readonly noteOpenForMs: number;
  readonly leaves: readonly { readonly index: number; readonly leaf: Uint8Array }[];
  readonly tiles: readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array }[];
  readonly heads: readonly { readonly namespace: string; readonly seq: number; readonly leafHash: string }[];
}

/** Stores everything that an append changes. Tiles only ever grow. */
export async function storeAppend(trx: Trx, appended: Appended): Promise<void> {
  const { realm } = appended;
  await trx
    .insertInto('log_leaves')
    .values(appended.leaves.map((l) => ({ realm, index: l.index, leaf: Buffer.from(l.leaf) })))
    .execute();
  await trx
    .insertInto('log_tiles')
    .values(
      appended.tiles.map((t) => ({ realm, level: t.level, index: t.index, hashes: Buffer.from(t.hashes) })),
    )
    .onConflict((c) =>
      c.columns(['realm', 'level', 'index']).doUpdateSet((q) => ({ hashes: q.ref('excluded.hashes') })),
    )
    .execute();
  await trx
    .insertInto('log_heads')
    .values(appended.heads.map((h) => ({ realm, namespace: h.namespace, seq: h.seq, leaf_hash: h.leafHash })))
    .onConflict((c) =>
      c
        .columns(['realm', 'namespace'])
        .doUpdateSet((q) => ({ seq: q.ref('excluded.seq'), leaf_hash: q.ref('excluded.leaf_hash') })),
    )
    .execute();
  await storeCheckpoint(trx, realm, appended.size, appended.note, appended.noteOpenForMs);
  await trx
    .updateTable('log_state')
    .set({ size: appended.size, root: Buffer.from(appended.root), last_time: appended.timeSeconds })
    .where('realm', '=', realm)
    .execute();
}

export async function storeCheckpoint(
  db: Db | Trx,
  realm: string,
  size: number,
  note: string,
  openForMs = 0,
): Promise<void> {
  const openUntil = sql<Date>`clock_timestamp() + ${openForMs}::double precision * interval '1 millisecond'`;
  await db
    .insertInto('log_checkpoints')
    .values({ realm, size, note, open_until: openForMs > 0 ? openUntil : null })
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
  db: Db,
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
