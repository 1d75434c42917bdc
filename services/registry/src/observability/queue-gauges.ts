import { sql } from 'kysely';
import type { Db } from '../db/connection.js';
import type { Metrics, RealmKind } from './metrics.js';

/** Looks up what waits for the logs, by kind: names of private namespaces are nobody's labels. */
export async function measureQueues(db: Db, metrics: Metrics): Promise<void> {
  const { rows } = await sql<{ kind: RealmKind; waiting: number; oldest_ms: number }>`
    select case when log_queue.realm = 'public' then 'public' else 'private' end as kind, count(*) as waiting,
      (extract(epoch from now() - min(audit.at)) * 1000)::double precision as oldest_ms
    from log_queue join audit on audit.id = audit_id group by 1`.execute(db);
  for (const kind of ['public', 'private'] as const) {
    const row = rows.find((candidate) => candidate.kind === kind);
    metrics.queue(kind, row?.waiting ?? 0, Math.max(0, row?.oldest_ms ?? 0));
  }
}
