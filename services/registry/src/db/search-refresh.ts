import { sql, type RawBuilder, type Transaction } from 'kysely';
import { newestOf } from './newest-version.js';
import type { Database } from './schema.js';

/** Where an entry stands until its rank is known. */
export const NEW_PUBLIC_SHELF = 3;
export const PRIVATE_SHELF = 9;

/**
 * How good a workflow is, whatever is searched for: downloads × recency, halved when it is deprecated. From 0.3 for what
 * is old and unknown to about 3.
 */
export function qualityOf(
  downloads: RawBuilder<number>,
  publishedAt: RawBuilder<Date>,
  isDeprecated: RawBuilder<boolean>,
) {
  return sql<number>`((1 + 0.35 * log(1 + ${downloads}))
    * (0.6 + 0.4 * exp(-extract(epoch from greatest(now() - ${publishedAt}, interval '0')) / 31557600.0))
    * case when ${isDeprecated} then 0.5 else 1 end)::real`;
}

/**
 * Recomputes what represents each workflow of the given versions, of those that no revocation refuses: the highest
 * stable active version, else the highest active one, else the highest deprecated one, else nothing, which hides it from
 * search. One statement, which only copies what was computed when the version was stored: the log waits for it.
 *
 * The caller holds the state of the logs of these workflows, so that no two of these run for one workflow at once.
 */
export async function refreshWorkflows(
  trx: Transaction<Database>,
  versionIds: readonly number[],
): Promise<void> {
  await sql`
    with touched as materialized (
      select w.id, w.name, n.name as namespace, n.realm, coalesce(
          (select id from ${newestOf(sql`w.id`, 'active', 'stable')}),
          (select id from ${newestOf(sql`w.id`, 'active', 'prerelease')}),
          (select id from (select * from ${newestOf(sql`w.id`, 'deprecated', 'stable')}
            union all select * from ${newestOf(sql`w.id`, 'deprecated', 'prerelease')}) d
            order by sort_key desc limit 1)) as version_id
      from workflows w join namespaces n on n.id = w.namespace_id
      where w.id in (select workflow_id from versions where id = any(${[...versionIds]}::bigint[]))
    ), represented as (
      update workflows w set latest_version_id = t.version_id
      from touched t where w.id = t.id and w.latest_version_id is distinct from t.version_id
    ), fresh as materialized (
      select t.id, t.realm, t.namespace, t.name, v.version, v.state, v.published_at, v.summary, v.search,
        v.state = 'deprecated' as is_deprecated, coalesce(d.total, 0) as downloads,
        array(select k.key from jsonb_each(v.summary->'permissions') k where k.value <> '[]'::jsonb) as kinds,
        array(select jsonb_array_elements_text(v.summary->'tags')) as tags
      from touched t join versions v on v.id = t.version_id left join workflow_downloads d on d.workflow_id = t.id
    ), tag_changes as (
      select realm, tag, sum(n) as n from (
        select e.realm, substr(f.value, 2) as tag, -1 as n
        from touched t join search_entries e on e.workflow_id = t.id, string_to_table(e.facets, E'\\t') as f(value)
        where f.value like 't%'
        union all
        select f.realm, tag, 1 from fresh f, unnest(f.tags) as tag
      ) x group by realm, tag having sum(n) <> 0
    ), lowered as (
      update search_tags s set workflows = s.workflows + c.n from tag_changes c
      where c.n < 0 and s.realm = c.realm and s.tag = c.tag
    ), raised as (
      insert into search_tags as s (realm, tag, workflows) select realm, tag, n from tag_changes where n > 0
      on conflict (realm, tag) do update set workflows = s.workflows + excluded.workflows
    ), hidden as (
      delete from search_entries e using touched t where e.workflow_id = t.id and t.version_id is null
    )
    insert into search_entries as e (workflow_id, realm, namespace, name, name_words, shelf, is_deprecated, published_at,
      downloads, quality, facets, card, head, terms)
    select f.id, f.realm, f.namespace, f.name, array_length(string_to_array(f.name, '-'), 1),
      case when f.realm = 'public' then ${sql.lit(NEW_PUBLIC_SHELF)} else ${sql.lit(PRIVATE_SHELF)} end,
      f.is_deprecated, f.published_at, f.downloads,
      ${qualityOf(sql`f.downloads`, sql`f.published_at`, sql`f.is_deprecated`)},
      concat_ws(E'\\t', 'o' || f.namespace, 's' || f.state, 'l' || translate(left(f.summary->>'license', 100), E'\\t\\n', ''),
        (select string_agg('t' || tag, E'\\t') from unnest(f.tags) as tag),
        (select string_agg('p' || kind, E'\\t') from unnest(f.kinds) as kind)),
      json_strip_nulls(json_build_object('id', f.namespace || '/' || f.name, 'version', f.version,
        'title', f.summary->'title', 'description', f.summary->'description', 'tags', f.tags,
        'license', f.summary->'license', 'state', f.state, 'permissionKinds', f.kinds,
        'publishedAt', to_char(f.published_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::text,
      strip(ts_filter(f.search, '{b}')),
      strip(f.search) || array_to_tsvector(
        array['?' || f.state] || case when f.realm = 'public' then '{}' else array['+' || f.realm] end)
    from fresh f
    on conflict (workflow_id) do update set
      is_deprecated = excluded.is_deprecated, published_at = excluded.published_at, quality = excluded.quality,
      facets = excluded.facets, card = excluded.card, head = excluded.head, terms = excluded.terms`.execute(
    trx,
  );
}
