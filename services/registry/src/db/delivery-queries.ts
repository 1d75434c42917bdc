import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { EventRow } from './event-queries.js';
import type { Database } from './schema.js';
import type { DeliveryState } from './tables/events.js';

type Trx = Transaction<Database>;

const RELAYED_AT_ONCE = 1_000;

/**
 * Hands the next events of the feed to the webhooks that want them: a delivery for each, in the transaction that moves
 * on. Answers whether there are more.
 */
export async function relayEvents(db: Db): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const feed = await trx
      .selectFrom('event_feed')
      .select(['numbered', 'relayed'])
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const upTo = Math.min(feed.numbered, feed.relayed + RELAYED_AT_ONCE);
    if (upTo === feed.relayed) return false;
    await sql`
      insert into webhook_deliveries (id, webhook_id, position)
      select 'msg_' || replace(gen_random_uuid()::text, '-', ''), w.id, e.position
      from events e
        join namespaces n on n.name = e.namespace
        join webhooks w on w.namespace_id is null or w.namespace_id = n.id
      where e.position > ${feed.relayed} and e.position <= ${upTo}
        and w.disabled_at is null and e.position > w.after_position
        and (w.topics = '{}' or e.topic = any(w.topics))
      on conflict on constraint webhook_deliveries_once do nothing`.execute(trx);
    await trx.updateTable('event_feed').set({ relayed: upTo }).execute();
    return upTo < feed.numbered;
  });
}

/** A delivery whose time has come. */
export interface DueDelivery {
  readonly id: string;
  readonly webhookId: string;
  /** Made before this one. */
  readonly attempts: number;
  readonly url: string;
  readonly namespace: string | null;
  /** The present secret first. */
  readonly secrets: readonly Buffer[];
  readonly event: EventRow;
}

interface DueRow extends EventRow {
  readonly id: string;
  readonly webhook_id: string;
  readonly attempts: number;
  readonly url: string;
  readonly webhook_namespace: string | null;
  readonly secret: Buffer;
  readonly old_secret: Buffer | null;
}

/** How many deliveries are under way at once. */
export interface DeliveryShares {
  readonly all: number;
  /** Of the webhooks of one namespace. */
  readonly ofNamespace: number;
  /** Of the webhooks that one person has made, in whatever namespaces. */
  readonly ofCreator: number;
}

/**
 * The oldest due delivery of each webhook that is not in `busy`, as many as there is room for beside those. Namespaces take
 * turns, and none has more than its share: one whose endpoints are slow holds up itself.
 */
export async function dueDeliveries(
  db: Db,
  busy: readonly string[],
  { all, ofNamespace, ofCreator }: DeliveryShares,
): Promise<readonly DueDelivery[]> {
  const { rows } = await sql<DueRow>`
    with busy as (select id, namespace_id, created_by from webhooks where id = any(${[...busy]}::text[])),
    due as (
      select w.id as webhook_id, w.namespace_id, w.created_by, d.id, d.next_at,
        (select count(*) from busy b where b.namespace_id is not distinct from w.namespace_id)
          + row_number() over (partition by w.namespace_id order by d.next_at, w.id) as turn
      from webhooks w
        cross join lateral (
          select id, next_at from webhook_deliveries
          where webhook_id = w.id and state = 'pending' and next_at <= now()
          order by next_at limit 1) d
      where w.disabled_at is null and (w.paused_until is null or w.paused_until <= now())
        and w.id <> all(${[...busy]}::text[])
        and exists (select from webhook_deliveries where state = 'pending' and next_at <= now())),
    shared as (
      select due.*, (select count(*) from busy b where b.created_by = due.created_by)
        + row_number() over (partition by created_by order by turn, next_at) as creator_turn
      from due where turn <= ${ofNamespace})
    select d.id, d.webhook_id, d.attempts, w.url, n.name as webhook_namespace, w.secret,
      case when w.old_secret_until > now() then w.old_secret end as old_secret,
      e.position, e.at, e.topic, e.realm, e.log_index, e.namespace, e.workflow, e.version, e.detail
    from shared s
      join webhook_deliveries d on d.id = s.id
      join webhooks w on w.id = s.webhook_id
      join events e on e.position = d.position
      left join namespaces n on n.id = w.namespace_id
    where s.created_by is null or s.creator_turn <= ${ofCreator}
    order by s.turn, s.next_at limit ${Math.max(0, all - busy.length)}`.execute(db);
  return rows.map(({ id, webhook_id, attempts, url, webhook_namespace, secret, old_secret, ...event }) => ({
    id,
    webhookId: webhook_id,
    attempts,
    url,
    namespace: webhook_namespace,
    secrets: old_secret === null ? [secret] : [secret, old_secret],
    event,
  }));
}

/** What came of one attempt. */
export interface Attempt {
  readonly status: number | null;
  /** One line; null when it was delivered. */
  readonly error: string | null;
  /** At most 1 KiB. */
  readonly response: Buffer | null;
  readonly durationMs: number;
}

export async function recordDelivered(
  db: Db,
  delivery: Pick<DueDelivery, 'id' | 'webhookId'>,
  attempt: Attempt,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // The webhook first, as whoever stops it does: else the two would wait for each other.
    await trx
      .updateTable('webhooks')
      .set({ failing_since: null, failures: 0, paused_until: null })
      .where('id', '=', delivery.webhookId)
      .where('failures', '>', 0)
      .execute();
    await recordAttempt(trx, delivery.id, attempt, 'delivered');
  });
}

/**
 * Writes down a failed attempt, and leaves the endpoint alone for a while. Answers since when it only fails, and how often
 * it did.
 *
 * @param retryInMs when to try again; undefined when it is given up
 */
export async function recordFailed(
  trx: Trx,
  delivery: Pick<DueDelivery, 'id' | 'webhookId'>,
  attempt: Attempt,
  retryInMs: number | undefined,
  pauseMsOf: (failures: number) => number,
): Promise<{ readonly failures: number; readonly failingForMs: number } | undefined> {
  const row = await trx
    .updateTable('webhooks')
    .set((eb) => ({
      failures: eb('failures', '+', 1),
      failing_since: sql<Date>`coalesce(failing_since, now())`,
    }))
    .where('id', '=', delivery.webhookId)
    .returning([
      'failures',
      sql<number>`(extract(epoch from now() - failing_since) * 1000)::double precision`.as('failingForMs'),
    ])
    .executeTakeFirst();
  if (!row) return undefined;
  await recordAttempt(trx, delivery.id, attempt, retryInMs === undefined ? 'dead' : 'pending', retryInMs);
  await trx
    .updateTable('webhooks')
    .set({ paused_until: inMs(pauseMsOf(row.failures)) })
    .where('id', '=', delivery.webhookId)
    .execute();
  return row;
}

async function recordAttempt(
  trx: Trx,
  id: string,
  attempt: Attempt,
  state: DeliveryState,
  retryInMs = 0,
): Promise<void> {
  await trx
    .updateTable('webhook_deliveries')
    .set((eb) => ({
      state,
      attempts: eb('attempts', '+', 1),
      next_at: inMs(retryInMs),
      finished_at: state === 'pending' ? null : sql<Date>`now()`,
      status: attempt.status,
      error: attempt.error,
      response: attempt.response,
      duration_ms: attempt.durationMs,
    }))
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .execute();
}

function inMs(ms: number) {
  return sql<Date>`now() + ${ms}::double precision * interval '1 millisecond'`;
}

/** Deliveries of a webhook, newest event first, from the one before `before` on. */
export function listDeliveries(
  db: Db,
  webhookId: string,
  page: {
    readonly state: DeliveryState | undefined;
    readonly before: number | undefined;
    readonly limit: number;
  },
) {
  let query = db
    .selectFrom('webhook_deliveries as d')
    .innerJoin('events as e', 'e.position', 'd.position')
    .select([
      'd.id',
      'd.position',
      'e.topic',
      'd.state',
      'd.attempts',
      'd.created_at',
      'd.next_at',
      'd.finished_at',
      'd.status',
      'd.error',
      'd.response',
      'd.duration_ms',
    ])
    .where('d.webhook_id', '=', webhookId)
    .orderBy('d.position', 'desc')
    .limit(page.limit);
  if (page.state !== undefined) query = query.where('d.state', '=', page.state);
  if (page.before !== undefined) query = query.where('d.position', '<', page.before);
  return query.execute();
}

/** Has an ended delivery sent again, as often as a new one. Answers false when there is none, or it waits anyhow. */
export async function requeueDelivery(trx: Trx, webhookId: string, id: string): Promise<boolean> {
  const row = await trx
    .updateTable('webhook_deliveries')
    .set({ state: 'pending', attempts: 0, next_at: sql<Date>`now()`, finished_at: null })
    .where('id', '=', id)
    .where('webhook_id', '=', webhookId)
    .where('state', '<>', 'pending')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
