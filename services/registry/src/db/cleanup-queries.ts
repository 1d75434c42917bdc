import { sql } from 'kysely';
import type { Db } from './connection.js';

/** Rows are removed so many at a time: nothing is locked for long, and a run may end between two times. */
export const REMOVED_AT_ONCE = 1_000;

/** Removes staged versions that nobody approved in time. Their bundles are swept as those of nobody. */
export function deleteExpiredStages(db: Db): Promise<number> {
  return removed(
    db,
    sql`delete from stages where id in (
      select id from stages where expires_at <= now() order by expires_at limit ${REMOVED_AT_ONCE})`,
  );
}

const TOKEN_DAYS = 90;

/** Removes tokens that ended so long ago that nobody asks for them any more; the audit still names them. */
export function deleteEndedTokens(db: Db): Promise<number> {
  return removed(
    db,
    sql`delete from tokens where id in (
      select id from tokens
      where least(expires_at, revoked_at) < now() - ${TOKEN_DAYS}::int * interval '1 day' limit ${REMOVED_AT_ONCE})`,
  );
}

/** Removes deliveries that ended so many days ago. */
export function deleteOldDeliveries(db: Db, days: number): Promise<number> {
  return removed(
    db,
    sql`delete from webhook_deliveries where id in (
      select id from webhook_deliveries
      where state <> 'pending' and finished_at < now() - ${days}::int * interval '1 day'
      order by finished_at limit ${REMOVED_AT_ONCE})`,
  );
}

/**
 * Removes the oldest events of the feed, up to the first one that is younger or still to be delivered, and writes down how
 * far: whoever has read less is told.
 */
export async function deleteOldEvents(db: Db, days: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const feed = await trx
      .selectFrom('event_feed')
      .select(['pruned', 'relayed'])
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const upTo = Math.min(feed.pruned + REMOVED_AT_ONCE, feed.relayed);
    const { rows } = await sql<{ kept: number | null }>`
      select min(e.position) as kept from events e
      where e.position > ${feed.pruned} and e.position <= ${upTo}
        and (e.at >= now() - ${days}::int * interval '1 day'
          or exists (select from webhook_deliveries d where d.position = e.position))`.execute(trx);
    const kept = rows[0]?.kept ?? null;
    const pruned = kept === null ? upTo : kept - 1;
    if (pruned <= feed.pruned) return 0;
    await trx.deleteFrom('events').where('position', '<=', pruned).execute();
    await trx.updateTable('event_feed').set({ pruned }).execute();
    return pruned - feed.pruned;
  });
}

/** Empties the table in which events were kept before; processes of that release may still write there. */
export function deleteOldOutbox(db: Db): Promise<number> {
  return removed(
    db,
    sql`delete from outbox where id in (select id from outbox order by id limit ${REMOVED_AT_ONCE})`,
  );
}

async function removed(db: Db, statement: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows } = await statement.execute(db);
  return Number(numAffectedRows ?? 0n);
}
