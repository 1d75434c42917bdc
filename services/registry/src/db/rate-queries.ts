import { sql } from 'kysely';
import type { Db } from './connection.js';

/** Most limits that are kept at hand; an administrator sets each by hand. */
const MAX_LIMITS = 10_000;

/** Requests a minute that an administrator has set, by `token:<id>` and `namespace:<name>`; those that have expired left out. */
export async function listRequestLimits(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ readonly subject: string; readonly requests: number }>`
    select coalesce('namespace:' || n.name, l.subject) as subject, l.requests_per_minute as requests
    from limits l left join namespaces n on l.subject = 'ns:' || n.id
    where l.requests_per_minute is not null and (l.expires_at is null or l.expires_at > now())
    limit ${MAX_LIMITS}`.execute(db);
  return new Map(rows.map(({ subject, requests }) => [subject, requests]));
}
