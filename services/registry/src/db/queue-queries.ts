import { sql } from 'kysely';
import type { Db } from './connection.js';

/** Who may see a log. */
type RealmKind = 'public' | 'private';

/** What waits for the logs of one kind together. */
export interface QueueState {
  readonly kind: RealmKind;
  readonly waiting: number;
  readonly oldestMs: number;
}

/** What waits for the logs; kinds for which nothing waits are left out. */
export async function queueStates(db: Db): Promise<readonly QueueState[]> {
  const { rows } = await sql<{ kind: RealmKind; waiting: number; oldest_ms: number }>`
    select case when log_queue.realm = 'public' then 'public' else 'private' end as kind, count(*) as waiting,
      (extract(epoch from now() - min(audit.at)) * 1000)::double precision as oldest_ms
    from log_queue join audit on audit.id = audit_id group by 1`.execute(db);
  return rows.map(({ kind, waiting, oldest_ms }) => ({ kind, waiting, oldestMs: Math.max(0, oldest_ms) }));
}

/** How long the oldest leaf of any log has waited; 0 when none waits. */
export async function oldestQueuedMs(db: Db): Promise<number> {
  return Math.max(0, ...(await queueStates(db)).map((state) => state.oldestMs));
}
