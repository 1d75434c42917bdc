import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.js';

/** How many events of each kind the keys of a namespace ever had, confirmed or not. */
export interface KeyEventCounts {
  /** Keys that others vouched for, the first one included. */
  readonly keys: number;
  readonly recoveries: number;
  /** Keys that are not revoked. */
  readonly active: number;
  /** Revocations of keys that were revoked before. */
  readonly furtherRevocations: number;
  readonly policies: number;
}

export async function countKeyEvents(
  trx: Transaction<Database>,
  namespaceId: number,
): Promise<KeyEventCounts> {
  const { rows } = await sql<KeyEventCounts>`
    select count(*) filter (where not k.is_recovery) as keys,
      count(*) filter (where k.is_recovery) as recoveries,
      count(*) filter (where k.revocations = 0) as active,
      coalesce(sum(greatest(k.revocations - 1, 0)), 0)::bigint as "furtherRevocations",
      (select count(*) from namespace_policies where namespace_id = ${namespaceId}) as policies
    from (
      select is_recovery, (select count(*) from key_revocations r where r.key_id = keys.id) as revocations
      from keys where namespace_id = ${namespaceId}) as k`.execute(trx);
  const [row] = rows;
  if (!row) throw new Error('an aggregate answers one row');
  return row;
}

/** The kinds of key events that are counted by the day. */
export type PacedEvent = 'key' | 'recovery' | 'policy';

const ROWS = {
  key: sql`keys where not is_recovery and`,
  recovery: sql`keys where is_recovery and`,
  policy: sql`namespace_policies where`,
} as const satisfies Record<PacedEvent, unknown>;

/** How long until no more than `limit` events of a kind are younger than a day; 0 when it is so already. */
export async function secondsUntilFree(
  trx: Transaction<Database>,
  namespaceId: number,
  { event, limit }: { readonly event: PacedEvent; readonly limit: number },
): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select ceil(extract(epoch from created_at + interval '24 hours' - clock_timestamp()))::int as seconds
    from ${ROWS[event]} namespace_id = ${namespaceId}
    order by created_at desc offset ${limit} limit 1`.execute(trx);
  return Math.max(0, rows[0]?.seconds ?? 0);
}
