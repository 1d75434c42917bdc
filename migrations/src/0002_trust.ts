import { sql, type Kysely } from 'kysely';

/**
 * Revoked keys, how many keys a namespace asks for, and a log per realm. As before, a row that the log must confirm
 * carries `log_index`, null until its leaf has its place.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table namespaces
      add column realm text collate "C" not null default 'public',
      add column visibility text not null default 'public'
        constraint namespaces_visibility check (visibility in ('public', 'private')),
      add constraint namespaces_realm check (realm = case visibility when 'public' then 'public' else name end)`.execute(
    db,
  );

  await sql`alter table keys add column is_recovery boolean not null default false`.execute(db);

  // An event of its own beside the key's: a row with its own signed envelope and its own place in the log.
  await sql`
    create table key_revocations (
      id bigint generated always as identity primary key,
      key_id bigint not null references keys on delete cascade
        constraint key_revocations_unique unique,
      reason text not null
        constraint key_revocations_reason check (reason in ('superseded', 'compromised')),
      from_index bigint
        constraint key_revocations_from_index check ((from_index is not null) = (reason = 'compromised')),
      event bytea not null,
      revoked_by bigint not null references users,
      created_at timestamptz not null default now(),
      log_index bigint
    )`.execute(db);

  await sql`
    create table namespace_policies (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces on delete cascade,
      threshold smallint not null
        constraint namespace_policies_threshold check (threshold between 1 and 16),
      event bytea not null,
      set_by bigint not null references users,
      created_at timestamptz not null default now(),
      log_index bigint
    )`.execute(db);
  await sql`create index namespace_policies_newest on namespace_policies (namespace_id, log_index desc)`.execute(
    db,
  );

  // Where the log holds the newest change of a version's state; null for one that never changed.
  await sql`alter table versions add column state_index bigint`.execute(db);
  await sql`
    update versions v set state_index = x.index
    from (
      select namespace, workflow, version, max(log_index) as index from audit
      where action in ('release.deprecate', 'release.undeprecate') and log_index is not null
      group by namespace, workflow, version
    ) x, workflows w, namespaces n
    where w.id = v.workflow_id and n.id = w.namespace_id
      and n.name = x.namespace and w.name = x.workflow and v.version = x.version`.execute(db);

  await sql`alter table log_queue drop constraint log_queue_subject_kind`.execute(db);
  await sql`
    alter table log_queue add constraint log_queue_subject_kind
      check (subject_kind in ('namespace', 'key', 'revocation', 'policy', 'version', 'state'))`.execute(db);
}
