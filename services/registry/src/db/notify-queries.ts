import { sql, type RawBuilder, type Transaction } from 'kysely';
import { formatTouch, type Touch } from '../domain/reads/touch.js';
import type { Database } from './schema.js';
import { CHANGES_CHANNEL } from './listener.js';

/**
 * Tells every process what a transaction has changed, once it is committed: what they hold of it in memory is stale then.
 * Each change is told once, however often it is named.
 */
export async function notifyTouched(trx: Transaction<Database>, touches: readonly Touch[]): Promise<void> {
  if (touches.length === 0) return;
  const payloads = [...new Set(touches.map(formatTouch))];
  await sql`select pg_notify(${CHANGES_CHANNEL}, p) from unnest(${payloads}::text[]) as p`.execute(trx);
}

/** Tells every process that so much has changed that all it holds is stale. */
export async function notifyEverything(trx: Transaction<Database>): Promise<void> {
  await sql`select pg_notify(${CHANGES_CHANNEL}, ${JSON.stringify({ all: true })})`.execute(trx);
}

/** As {@link notifyTouched}, as a part of another statement, for each row that it has. */
export function notifyOf(touch: Touch): RawBuilder<unknown> {
  return sql`pg_notify(${CHANGES_CHANNEL}, ${formatTouch(touch)})`;
}
