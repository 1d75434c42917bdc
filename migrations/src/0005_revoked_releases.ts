import { sql, type Kysely } from 'kysely';

/**
 * Which releases a revocation of a key refuses, so that nothing offers them. Whoever reads the log finds the same: this
 * is written when the revocation gets its place, and here for those that have theirs.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Where the log holds the first revocation that refuses the version; null for one that stands.
  await sql`alter table versions add column revoked_index bigint`.execute(db);
  await sql`
    update versions v set revoked_index = x.index
    from (
      select v.id, min(r.log_index) as index
      from key_revocations r join keys k on k.id = r.key_id
        join workflows w on w.namespace_id = k.namespace_id
        join versions v on v.workflow_id = w.id
      where r.log_index is not null and k.key_id = any(v.key_ids)
        and v.log_index >= coalesce(r.from_index, r.log_index)
      group by v.id
    ) x where x.id = v.id`.execute(db);
  await sql`
    with touched as (
      select distinct workflow_id as id from versions where revoked_index is not null
    ), representative as (
      select distinct on (v.workflow_id) v.workflow_id, v.id, v.search
      from versions v join touched t on t.id = v.workflow_id
      where v.log_index is not null and v.revoked_index is null and v.state in ('active', 'deprecated')
      order by v.workflow_id, v.state = 'active' desc, v.is_prerelease, v.sort_key desc
    )
    update workflows w set latest_version_id = r.id, search = coalesce(r.search, ''::tsvector)
    from touched t left join representative r on r.workflow_id = t.id
    where w.id = t.id`.execute(db);
  await sql`
    delete from workflow_tags where workflow_id in (
      select workflow_id from versions where revoked_index is not null)`.execute(db);
  await sql`
    insert into workflow_tags (workflow_id, tag)
    select distinct w.id, t.tag
    from workflows w join versions v on v.id = w.latest_version_id,
      jsonb_array_elements_text(v.summary->'tags') as t(tag)
    where w.id in (select workflow_id from versions where revoked_index is not null)`.execute(db);
}
