import { sql, type Kysely } from 'kysely';

/**
 * Versions that are published together or wait for an approval, and how much each namespace and token may store.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Leaves of one publish: they leave the queue together. The id is that of the first one's audit row.
  await sql`alter table log_queue add column group_id bigint`.execute(db);
  await sql`create index log_queue_by_group on log_queue (group_id) where group_id is not null`.execute(db);
  await quotas(db);
  await stages(db);
}

async function quotas(db: Kysely<unknown>): Promise<void> {
  // `subject` is `ns:<id of the namespace>` or `token:<id of the token>`. An absent number is the configured default.
  await sql`
    create table limits (
      subject text collate "C" primary key
        constraint limits_subject check (subject ~ '^(ns:[0-9]+|token:.{1,200})$'),
      bytes bigint constraint limits_bytes check (bytes >= 0),
      versions bigint constraint limits_versions check (versions >= 0),
      workflows bigint constraint limits_workflows check (workflows >= 0),
      requests_per_minute bigint constraint limits_requests check (requests_per_minute >= 1),
      reason text not null default '',
      expires_at timestamptz,
      created_at timestamptz not null default now()
    )`.execute(db);

  // What each subject has stored, counted in the transaction that stores it: the sums of what is there, without summing.
  await sql`
    create table quota_usage (
      subject text collate "C" primary key,
      bytes bigint not null,
      versions bigint not null,
      workflows bigint not null
    ) with (fillfactor = 50)`.execute(db);
  await sql`
    insert into quota_usage (subject, bytes, versions, workflows)
    select 'ns:' || w.namespace_id, sum(v.blob_size), count(*), count(distinct w.id)
    from workflows w join versions v on v.workflow_id = w.id group by w.namespace_id`.execute(db);
  // Kept beside the version, so that what is taken back is given back to whoever it was charged to.
  await sql`alter table versions add column published_token text`.execute(db);
}

async function stages(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table stages (
      id text collate "C" primary key constraint stages_id check (id ~ '^[0-9a-f]{32}$'),
      realm text collate "C" not null,
      is_forced boolean not null,
      created_by bigint references users,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index stages_by_expiry on stages (expires_at)`.execute(db);
  await sql`
    create table staged_versions (
      stage_id text collate "C" not null references stages on delete cascade,
      ordinal smallint not null,
      namespace_id bigint not null references namespaces on delete cascade,
      name text collate "C" not null,
      version text collate "C" not null,
      tar_sha256 bytea not null constraint staged_versions_tar_sha256_length check (octet_length(tar_sha256) = 32),
      tar_size bigint not null,
      blob_size bigint not null,
      envelope bytea not null,
      summary jsonb not null,
      primary key (stage_id, ordinal),
      constraint staged_versions_distinct unique (stage_id, namespace_id, name, version)
    )`.execute(db);
  await sql`create index staged_versions_by_namespace on staged_versions (namespace_id)`.execute(db);
  await sql`create index staged_versions_by_tar on staged_versions (tar_sha256)`.execute(db);
}
