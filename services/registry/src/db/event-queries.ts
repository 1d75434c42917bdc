import { sql, type RawBuilder } from 'kysely';
import type { LeafEvent } from '../domain/events/event.js';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

/** An event of a leaf that has just got its place. */
export interface PlacedEvent extends LeafEvent {
  readonly realm: string;
  readonly logIndex: number;
  readonly namespace: string;
  readonly at: Date;
}

/** Writes events, for the transaction that places their leaves; they have no position in the feed yet. */
export function insertingEvents(events: readonly PlacedEvent[]): RawBuilder<unknown> {
  const rows = events.map(({ realm, namespace, topic, workflow, version, at, logIndex, detail }) => ({
    ...{ realm, namespace, topic, workflow, version, at, detail },
    log_index: logIndex,
  }));
  return sql`
    insert into events (at, topic, realm, log_index, namespace, workflow, version, detail)
    select at, topic, realm, log_index, namespace, workflow, version, detail
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (at timestamptz, topic text, realm text,
      log_index bigint, namespace text, workflow text, version text, detail jsonb)
    order by log_index`;
}

const NUMBERED_AT_ONCE = 5_000;

/**
 * Gives committed events without a position the next ones. Logs of different realms commit in any order, so an id cannot
 * be a position: a reader who has seen a higher one would miss a lower one that commits later. Positions are given by one
 * transaction at a time, under the lock of the feed's row, so that they become visible in their order, without gaps.
 *
 * @returns the feed as it is then; `waiting` when there are more events than are numbered at once
 */
export async function numberEvents(db: Db): Promise<FeedHead> {
  const head = await feedHead(db);
  if (!head.waiting) return head;
  await db.transaction().execute(async (trx) => {
    const feed = await trx
      .selectFrom('event_feed')
      .select('numbered')
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    // A statement of its own, after the lock: it sees everything that was committed before.
    const { rows } = await sql<{ taken: number }>`
      with waiting as (
        select id, row_number() over (order by id) as n from (
          select id from events where position is null order by id limit ${NUMBERED_AT_ONCE}) w),
      placed as (
        update events e set position = ${feed.numbered}::bigint + w.n from waiting w where e.id = w.id returning 1)
      select count(*) as taken from placed`.execute(trx);
    const numbered = feed.numbered + (rows[0]?.taken ?? 0);
    await trx.updateTable('event_feed').set({ numbered }).execute();
  });
  return feedHead(db);
}

/** How far the feed is numbered, handed to webhooks and removed again, by positions. */
export interface FeedHead {
  readonly numbered: number;
  readonly relayed: number;
  readonly pruned: number;
  /** Whether there are events without a position. */
  readonly waiting: boolean;
}

export async function feedHead(db: Db): Promise<FeedHead> {
  const { rows } = await sql<FeedHead>`
    select numbered, relayed, pruned, exists (select from events where position is null) as waiting
    from event_feed`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the feed has no row');
  return row;
}

export interface EventFilter {
  /** Logs to read from; undefined for all. */
  readonly realms: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly workflow?: string | undefined;
  readonly topics?: readonly string[] | undefined;
}

/** Events with positions in (`after`, `upTo`], in their order. */
export function eventsBetween(
  db: Db,
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
  filter: EventFilter,
): Promise<readonly EventRow[]> {
  return matching(db, filter)
    .where('position', '>', range.after)
    .where('position', '<=', range.upTo)
    .orderBy('position')
    .limit(range.limit)
    .execute();
}

/** The newest events that have a position, newest first. */
export function newestEvents(db: Db, limit: number, filter: EventFilter): Promise<readonly EventRow[]> {
  return matching(db, filter).orderBy('position', 'desc').limit(limit).execute();
}

function matching(db: Db, { realms, namespace, workflow, topics }: EventFilter) {
  let query = db
    .selectFrom('events')
    .select(['at', 'topic', 'realm', 'log_index', 'namespace', 'workflow', 'version', 'detail'])
    .select(sql<number>`position`.as('position'))
    .where('position', 'is not', null);
  if (realms) query = query.where('realm', 'in', [...realms]);
  if (namespace !== undefined) query = query.where('namespace', '=', namespace);
  if (workflow !== undefined) query = query.where('workflow', '=', workflow);
  if (topics && topics.length > 0) query = query.where('topic', 'in', topics as EventRow['topic'][]);
  return query;
}

/** An event as it stands in the feed. */
export interface EventRow {
  readonly position: number;
  readonly at: Date;
  readonly topic: Database['events']['topic'];
  readonly realm: string;
  readonly log_index: number;
  readonly namespace: string;
  readonly workflow: string | null;
  readonly version: string | null;
  readonly detail: LeafEvent['detail'];
}
