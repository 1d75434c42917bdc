import { sql, type RawBuilder, type Transaction } from 'kysely';
import { formatTouch, type Touch } from '../domain/reads/touch.js';
import type { Database } from './schema.js';
import { CHANGES_CHANNEL } from './listener.js';

/**
 * As a part of another statement, tells every process what a transaction has changed, once it is committed: what they hold
 * of it in memory is stale then. Each change is told once, however often it is named. The value says how many there are.
 */
export function notifying(touches: readonly Touch[]): RawBuilder<number> {
  const payloads = [...new Set(touches.map(formatTouch))];
  return sql`(select count(pg_notify(${CHANGES_CHANNEL}, p)) from unnest(${payloads}::text[]) as p)`;
}

/** Tells every process that so much has changed that all it holds is stale. */
export async function notifyEverything(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_notify(${CHANGES_CHANNEL}, ${JSON.stringify({ all: true })})`.execute(trx);
}

/** As {@link notifying}, for each row that the statement has. */
export function notifyOf(touch: Touch): RawBuilder<unknown> {
  return sql`pg_notify(${CHANGES_CHANNEL}, ${formatTouch(touch)})`;
}
