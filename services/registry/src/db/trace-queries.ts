import { sql } from 'kysely';
import type { Db } from './connection.js';
import type { EventRow } from './event-queries.js';

/**
 * The id of the request that an event goes back to, by the audit; undefined when it is not known. What waited for its place
 * in the log for more than a day is not looked for.
 */
export async function requestOfEvent(
  db: Db,
  { namespace, log_index, at }: Pick<EventRow, 'namespace' | 'log_index' | 'at'>,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('audit')
    .select('request_id')
    .where('namespace', '=', namespace)
    .where('log_index', '=', log_index)
    .where('at', '>', sql<Date>`${at}::timestamptz - interval '1 day'`)
    .where('at', '<', sql<Date>`${at}::timestamptz + interval '1 minute'`)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  return row?.request_id ?? undefined;
}
