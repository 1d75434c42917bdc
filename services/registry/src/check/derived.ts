import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/schema.js';
import type { Area, Findings } from './finding.js';

interface Found {
  readonly subject: string;
  readonly problem: string;
}

interface DerivedCheck {
  readonly area: Area;
  readonly code: string;
  readonly query: RawBuilder<Found>;
}

const LIMIT = sql.lit(1_000);
const NAMED = sql`n.name || '/' || w.name`;
const WORKFLOWS = sql`workflows w join namespaces n on n.id = w.namespace_id`;

/** The newest confirmed version of workflow `w` that no revocation refuses and for which the condition holds. */
const newest = (condition: string) => sql`(select v.id from versions v
  where v.workflow_id = w.id and v.log_index is not null and v.revoked_index is null and ${sql.raw(condition)}
  order by v.sort_key desc limit 1)`;

const REPRESENTATIVE = sql`coalesce(${newest("v.state = 'active' and not v.is_prerelease")},
  ${newest("v.state = 'active'")}, ${newest("v.state = 'deprecated'")})`;

/** Facets of a search entry `e`, each with a letter for its kind in front. */
const facetsOf = sql`unnest(string_to_array(e.facets, E'\\t'))`;

/** What is computed from other rows, computed again. */
const DERIVED: readonly DerivedCheck[] = [
  {
    area: 'derived',
    code: 'latest',
    query: sql`select ${NAMED} as subject, 'it is represented by another version than the newest that can be used' as problem
      from ${WORKFLOWS} where w.latest_version_id is distinct from ${REPRESENTATIVE}`,
  },
  {
    area: 'derived',
    code: 'revoked',
    query: sql`select ${NAMED} || '@' || v.version as subject, 'its revocation is not the first of those of its keys' as problem
      from ${WORKFLOWS} join versions v on v.workflow_id = w.id
      where v.revoked_index is distinct from (
        select min(r.log_index) from keys k join key_revocations r on r.key_id = k.id
        where k.namespace_id = n.id and k.key_id = any(v.key_ids) and r.log_index is not null
          and v.log_index >= least(coalesce(r.from_index, r.log_index), r.log_index))`,
  },
  {
    area: 'derived',
    code: 'state',
    query: sql`select ${NAMED} || '@' || v.version as subject, 'it is ' || v.state || ' without a leaf that says so' as problem
      from ${WORKFLOWS} join versions v on v.workflow_id = w.id
      where v.state_index is null and (v.state <> 'active' or v.reason is not null or v.replacement is not null)`,
  },
  {
    area: 'derived',
    code: 'channel',
    query: sql`select ${NAMED} || ' ' || coalesce(c.channel, m.channel) as subject, 'the channel does not point where its newest move led' as problem
      from (
        select distinct on (workflow_id, channel) workflow_id, channel, version_id, log_index from channel_moves
        where log_index is not null order by workflow_id, channel, log_index desc) m
      full join channels c on c.workflow_id = m.workflow_id and c.channel = m.channel
      join workflows w on w.id = coalesce(c.workflow_id, m.workflow_id) join namespaces n on n.id = w.namespace_id
      where (c.version_id, c.log_index) is distinct from
        (m.version_id, case when m.version_id is not null then m.log_index end)`,
  },
  {
    area: 'derived',
    code: 'search',
    query: sql`select ${NAMED} as subject, case
        when e.workflow_id is null then 'search does not hold it'
        when w.latest_version_id is null then 'search holds it, and nothing of it can be used'
        else 'search holds it otherwise than it is' end as problem
      from ${WORKFLOWS} left join search_entries e on e.workflow_id = w.id
        left join versions v on v.id = w.latest_version_id
      where (e.workflow_id is null) <> (w.latest_version_id is null)
        or (e.workflow_id is not null and (e.realm <> n.realm or e.namespace <> n.name or e.name <> w.name
          or e.is_deprecated <> (v.state = 'deprecated') or (e.card::jsonb)->>'version' is distinct from v.version
          or e.published_at <> v.published_at
          or length(strip(v.search) || e.terms) <> length(e.terms)
          or array(select f from ${facetsOf} f where f like 't%' order by 1) <>
            array(select distinct 't' || t from jsonb_array_elements_text(v.summary->'tags') t order by 1)))`,
  },
  {
    area: 'derived',
    code: 'tags',
    query: sql`select coalesce(t.realm, x.realm) || ' ' || coalesce(t.tag, x.tag) as subject,
        coalesce(x.n, 0) || ' workflows have the tag, and ' || coalesce(t.workflows, 0) || ' are counted' as problem
      from search_tags t full join (
        select e.realm, substr(f, 2) as tag, count(*) as n from search_entries e, ${facetsOf} f
        where f like 't%' group by 1, 2) x on x.realm = t.realm and x.tag = t.tag
      where coalesce(t.workflows, 0) <> coalesce(x.n, 0)`,
  },
  {
    area: 'quota',
    code: 'usage',
    // A mirror counts nothing, for nobody publishes there. A workflow whose only version was withdrawn may be counted.
    query: sql`select s.subject || ' (' || s.name || ')' as subject,
        s.versions || ' versions of ' || s.bytes || ' bytes in ' || s.workflows || ' workflows are there, and '
          || s.counted_versions || ' of ' || s.counted_bytes || ' in ' || s.counted_workflows || ' are counted' as problem
      from (
        select 'ns:' || n.id as subject, n.name, x.*, coalesce(q.versions, 0) as counted_versions,
          coalesce(q.bytes, 0) as counted_bytes, coalesce(q.workflows, 0) as counted_workflows
        from namespaces n left join quota_usage q on q.subject = 'ns:' || n.id cross join lateral (
          select count(v.id) as versions, coalesce(sum(v.blob_size), 0) as bytes,
            count(distinct v.workflow_id) as workflows, count(distinct w.id) as most_workflows
          from workflows w left join versions v on v.workflow_id = w.id where w.namespace_id = n.id) x
        union all
        select q.subject, 'a token', count(v.id), coalesce(sum(v.blob_size), 0), q.workflows, q.workflows,
          q.versions, q.bytes, q.workflows
        from quota_usage q left join versions v on v.published_token = substr(q.subject, 7)
        where q.subject like 'token:%' group by q.subject) s
      where not exists (select from mirror) and ((s.versions, s.bytes) <> (s.counted_versions, s.counted_bytes)
        or s.counted_workflows not between s.workflows and s.most_workflows)`,
  },
  {
    area: 'queue',
    code: 'stuck',
    query: sql`select 'entry ' || q.id || ' of ' || q.namespace as subject,
        case when q.attempts > 0 then 'it could not be placed ' || q.attempts || ' times' else 'it has waited since ' || a.at end as problem
      from log_queue q join audit a on a.id = q.audit_id
      where q.attempts > 0 or a.at < now() - interval '10 minutes'`,
  },
  {
    area: 'queue',
    code: 'orphan',
    query: sql`select ${NAMED} || '@' || v.version as subject, 'it has no place in the log and waits for none' as problem
      from ${WORKFLOWS} join versions v on v.workflow_id = w.id
      where v.log_index is null
        and not exists (select from log_queue q where q.subject_kind = 'version' and q.subject_id = v.id)`,
  },
  {
    area: 'log',
    code: 'realm',
    query: sql`select 'namespace ' || n.name as subject, 'its realm ' || n.realm || ' has no log' as problem
      from namespaces n where not exists (select from log_state s where s.realm = n.realm)`,
  },
];

/** @returns nothing: what is found is told */
export async function checkDerived(
  trx: Transaction<Database>,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  for (const { area, code, query } of DERIVED) {
    signal.throwIfAborted();
    const { rows } = await sql<Found>`${query} limit ${LIMIT}`.execute(trx);
    for (const { subject, problem } of rows) findings.add(area, code, subject, problem);
  }
}
