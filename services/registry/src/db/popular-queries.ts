import { sql } from 'kysely';
import type { Db } from './connection.js';
import type { EntryCard } from './search-queries.js';

export interface PopularRow {
  readonly card: EntryCard;
  /** Since the day that was asked for. */
  readonly downloads: number;
}

/** Public entries of search by how often their workflows were downloaded since a day, `YYYY-MM-DD`, most first. */
export async function findPopular(
  db: Db,
  { since, limit }: { readonly since: string; readonly limit: number },
): Promise<readonly PopularRow[]> {
  const { rows } = await sql<{ readonly card: string; readonly downloads: number }>`
    with counted as (
      select v.workflow_id, sum(d.count)::int8 as downloads
      from downloads d join versions v on v.id = d.version_id
      where d.day >= ${since}::date group by v.workflow_id
    )
    select e.card, c.downloads from counted c join search_entries e using (workflow_id)
    where e.shelf <> 9 order by c.downloads desc, e.namespace, e.name limit ${limit}`.execute(db);
  return rows.map(({ card, downloads }) => ({ card: JSON.parse(card) as EntryCard, downloads }));
}
