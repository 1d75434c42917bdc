import { sql } from 'kysely';
import type { Db } from '../../src/db/connection.js';
import { versionSortKey } from '../../src/domain/workflows/sort-key.js';

/** Where the log would have placed them: beyond all that a test publishes. */
const FIRST_INDEX = 1_000_000;

/** Adds copies of a published version to its workflow, as rows alone: the log and the blobs know nothing of them. */
export async function copyVersions(
  db: Db,
  from: string,
  count: number,
  nameOf: (i: number) => string,
): Promise<void> {
  const { rows } = await sql<{ columns: string }>`
    select string_agg(quote_ident(column_name), ', ') as columns from information_schema.columns
    where table_schema = current_schema() and table_name = 'versions'
      and column_name not in ('id', 'version', 'sort_key', 'log_index')`.execute(db);
  const columns = sql.raw(rows[0]?.columns ?? '');
  const versions = Array.from({ length: count }, (_, i) => nameOf(i));
  await sql`
    insert into versions (version, sort_key, log_index, ${columns})
    select x.version, x.sort_key, ${FIRST_INDEX} + x.ordinal, ${columns}
    from versions v, unnest(${versions}::text[], ${versions.map((v) => versionSortKey(v))}::text[]) with ordinality
      as x(version, sort_key, ordinal)
    where v.version = ${from}`.execute(db);
}
