import { sql } from 'kysely';
import type { Db } from './connection.js';
import { PRIVATE_SHELF, qualityOf } from './search-refresh.js';

/** Ranks at which a public shelf ends; what comes after the last is on the shelf after it. */
const SHELF_ENDS = [1_000, 8_000, 64_000] as const;
/** How far beyond the end of its shelf an entry stays where it is, so that few are moved for nothing. */
const SLACK = 1.1;
/** A change of less than this part is not worth writing. */
const LEAST_CHANGE = 0.05;

/** What the rank of an entry should be. */
export interface RankChange {
  readonly id: number;
  readonly shelf: number;
  readonly quality: number;
  readonly downloads: number;
}

/** Entries whose downloads, age or rank have changed enough to be written, at most `limit`. Reads all of the catalogue once. */
export async function findRankChanges(db: Db, limit: number): Promise<readonly RankChange[]> {
  const { rows } = await sql<RankChange>`
    with entries as (
      select e.workflow_id, e.shelf, e.quality as before, e.downloads as downloads_before, coalesce(d.total, 0) as downloads,
        ${qualityOf(sql`coalesce(d.total, 0)`, sql`e.published_at`, sql`e.is_deprecated`)} as quality
      from search_entries e left join workflow_downloads d on d.workflow_id = e.workflow_id
    ), ranked as (
      select *, row_number() over (partition by shelf = ${sql.lit(PRIVATE_SHELF)} order by quality desc, workflow_id) as rank
      from entries
    ), placed as (
      select *, case when shelf = ${sql.lit(PRIVATE_SHELF)} or shelf between ${shelfOf(sql`rank / ${sql.lit(SLACK)}`)}
        and ${shelfOf(sql`rank * ${sql.lit(SLACK)}`)} then shelf else ${shelfOf(sql`rank`)} end as target
      from ranked
    )
    select workflow_id as id, target as shelf, quality, downloads from placed
    where target <> shelf or abs(quality - before) > ${sql.lit(LEAST_CHANGE)} * before
      or abs(downloads - downloads_before) > ${sql.lit(LEAST_CHANGE)} * downloads_before
    order by rank limit ${limit}`.execute(db);
  return rows;
}

/** Writes changes that were found. An entry that is just being written by somebody else keeps its rank until the next time. */
export async function applyRankChanges(db: Db, changes: readonly RankChange[]): Promise<void> {
  await sql`
    with free as (
      select workflow_id from search_entries where workflow_id = any(${changes.map(({ id }) => id)}::bigint[])
      order by workflow_id for update skip locked
    )
    update search_entries e set quality = x.quality, downloads = x.downloads,
      shelf = case when e.shelf = ${sql.lit(PRIVATE_SHELF)} then e.shelf else x.shelf end
    from free join unnest(${changes.map(({ id }) => id)}::bigint[], ${changes.map(({ shelf }) => shelf)}::int2[],
      ${changes.map(({ quality }) => quality)}::real[], ${changes.map(({ downloads }) => downloads)}::bigint[])
      as x(id, shelf, quality, downloads) on x.id = free.workflow_id
    where e.workflow_id = free.workflow_id`.execute(db);
}

function shelfOf(rank: ReturnType<typeof sql>) {
  return sql`(case ${sql.join(
    SHELF_ENDS.map((end, shelf) => sql`when ${rank} <= ${sql.lit(end)} then ${sql.lit(shelf)}`),
    sql` `,
  )} else ${sql.lit(SHELF_ENDS.length)} end)`;
}
