import { sql } from 'kysely';
import type { Db } from './connection.js';

/** How often a version was downloaded on a day. */
export interface CountedDownloads {
  readonly versionId: number;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly count: number;
}

/**
 * Adds counts, all or none: to each version and day, and to each workflow. A version that is gone meanwhile is left out.
 * Rows are taken in the order of their ids, so that several processes never wait for each other in a circle.
 *
 * @returns the workflows that were counted
 */
export async function addDownloads(
  db: Db,
  counts: readonly CountedDownloads[],
): Promise<readonly { readonly ns: string; readonly name: string }[]> {
  const { rows } = await sql<{ readonly ns: string; readonly name: string }>`
    with counted as materialized (
      select v.id as version_id, v.workflow_id, c.day, c.count
      from unnest(
        ${counts.map((c) => c.versionId)}::bigint[], ${counts.map((c) => c.day)}::date[], ${counts.map((c) => c.count)}::bigint[]
      ) as c(version_id, day, count) join versions v on v.id = c.version_id
    ), days as (
      insert into downloads as d (version_id, day, count)
        select version_id, day, sum(count) from counted group by version_id, day order by version_id, day
      on conflict (version_id, day) do update set count = d.count + excluded.count
    ), totals as (
      insert into workflow_downloads as w (workflow_id, total)
        select workflow_id, sum(count) from counted group by workflow_id order by workflow_id
      on conflict (workflow_id) do update set total = w.total + excluded.total
      returning workflow_id
    )
    select n.name as ns, w.name from totals t
      join workflows w on w.id = t.workflow_id join namespaces n on n.id = w.namespace_id`.execute(db);
  return rows;
}

/** How often a version was downloaded. */
export interface VersionDownloads {
  readonly total: number;
  /** Of the seven days up to the last on which any version of its workflow was, by day: `YYYY-MM-DD`, UTC. */
  readonly byDay: Readonly<Record<string, number>>;
}

/** Downloads of every version of a workflow that has any, by the id of the version. */
export async function downloadsOf(
  db: Db,
  workflowId: number,
): Promise<ReadonlyMap<number, VersionDownloads>> {
  const { rows } = await sql<{ readonly version_id: number } & VersionDownloads>`
    with counted as materialized (
      select d.version_id, d.day, d.count, max(d.day) over () as newest
      from downloads d join versions v on v.id = d.version_id where v.workflow_id = ${workflowId}
    )
    select version_id, sum(count)::bigint as total,
      coalesce(
        jsonb_object_agg(to_char(day, 'YYYY-MM-DD'), count) filter (where day > newest - 7), '{}'
      ) as "byDay"
    from counted group by version_id`.execute(db);
  return new Map(rows.map(({ version_id, total, byDay }) => [version_id, { total, byDay }]));
}
