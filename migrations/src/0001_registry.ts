import { sql, type Kysely } from 'kysely';

/**
 * The registry's first schema. Invariants are named constraints; the service maps their names to problem codes.
 *
 * Two rules run through it: a row that the transparency log must confirm carries `log_index`, null until the
 * sequencer has placed its leaf, and only rows with an index are shown to anyone; and what was published never
 * changes, so a version's content columns are written once.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db);

  await sql`
    create table registry (
      singleton boolean primary key default true constraint registry_singleton check (singleton),
      origin text not null,
      created_at timestamptz not null default now()
    )`.execute(db);

  await sql`
    create table users (
      id bigint generated always as identity primary key,
      name text not null constraint users_name_unique unique,
      is_admin boolean not null default false,
      created_at timestamptz not null default now()
    )`.execute(db);

  await sql`
    create table tokens (
      id text primary key,
      user_id bigint not null references users on delete cascade,
      name text not null,
      secret_sha256 bytea not null constraint tokens_secret_sha256_length check (octet_length(secret_sha256) = 32),
      scopes text[] not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz
    )`.execute(db);
  await sql`create index tokens_by_user on tokens (user_id)`.execute(db);

  await sql`
    create table namespaces (
      id bigint generated always as identity primary key,
      name text collate "C" not null constraint namespaces_name_unique unique,
      created_by bigint not null references users,
      created_at timestamptz not null default now(),
      log_index bigint
    )`.execute(db);

  await sql`
    create table members (
      namespace_id bigint not null references namespaces on delete cascade,
      user_id bigint not null references users on delete cascade,
      role text not null constraint members_role check (role in ('reader', 'publisher', 'maintainer', 'owner')),
      primary key (namespace_id, user_id)
    )`.execute(db);
  await sql`create index members_by_user on members (user_id)`.execute(db);

  await sql`
    create table keys (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces on delete cascade,
      key_id text collate "C" not null,
      public_key bytea not null constraint keys_public_key_length check (octet_length(public_key) = 32),
      event bytea not null,
      added_by bigint not null references users,
      created_at timestamptz not null default now(),
      log_index bigint,
      constraint keys_unique unique (namespace_id, key_id)
    )`.execute(db);

  await sql`
    create table workflows (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces,
      name text collate "C" not null,
      created_at timestamptz not null default now(),
      latest_version_id bigint,
      search tsvector not null default ''::tsvector,
      constraint workflows_name_unique unique (namespace_id, name)
    )`.execute(db);
  await sql`create index workflows_search on workflows using gin (search)`.execute(db);
  await sql`create index workflows_by_name on workflows (name)`.execute(db);
  await sql`create index workflows_name_trgm on workflows using gin (name gin_trgm_ops)`.execute(db);

  await sql`
    create table versions (
      id bigint generated always as identity primary key,
      workflow_id bigint not null references workflows,
      version text collate "C" not null,
      sort_key text collate "C" not null,
      is_prerelease boolean not null,
      state text not null default 'active'
        constraint versions_state check (state in ('active', 'deprecated', 'yanked', 'quarantined')),
      reason text,
      replacement text,
      tar_sha256 bytea not null constraint versions_tar_sha256_length check (octet_length(tar_sha256) = 32),
      tar_size bigint not null,
      blob_sha256 bytea not null constraint versions_blob_sha256_length check (octet_length(blob_sha256) = 32),
      blob_size bigint not null,
      envelope bytea not null,
      key_ids text[] not null,
      summary jsonb not null,
      readme text,
      search tsvector not null,
      published_by bigint not null references users,
      published_via text not null,
      created_at timestamptz not null default now(),
      published_at timestamptz,
      log_index bigint,
      checkpoint_size bigint,
      constraint versions_unique unique (workflow_id, version),
      constraint versions_logged check (
        (log_index is null) = (checkpoint_size is null) and (log_index is null) = (published_at is null))
    )`.execute(db);
  await sql`create index versions_newest on versions (workflow_id, sort_key desc) where log_index is not null`.execute(
    db,
  );
  await sql`create index versions_by_tar on versions (tar_sha256)`.execute(db);
  await sql`
    alter table workflows add constraint workflows_latest_version
      foreign key (latest_version_id) references versions`.execute(db);

  await sql`
    create table workflow_tags (
      workflow_id bigint not null references workflows on delete cascade,
      tag text collate "C" not null,
      primary key (tag, workflow_id)
    )`.execute(db);
  await sql`create index workflow_tags_by_workflow on workflow_tags (workflow_id)`.execute(db);

  await sql`
    create table audit (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      user_id bigint references users,
      token_id text,
      action text not null,
      namespace text,
      workflow text,
      version text,
      request_id text,
      detail jsonb not null default '{}'::jsonb,
      log_index bigint
    )`.execute(db);
  await sql`
    create function audit_is_append_only() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and old.log_index is null
         and to_jsonb(old) - 'log_index' = to_jsonb(new) - 'log_index' then
        return new;
      end if;
      raise exception 'audit rows are never changed or removed' using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create trigger audit_append_only before update or delete on audit
      for each row execute function audit_is_append_only()`.execute(db);

  await logTables(db);

  await sql`
    create table outbox (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      topic text not null,
      body jsonb not null
    )`.execute(db);
}

/** The transparency log: its queue, its leaves and tiles (C2SP tlog-tiles, height 8) and every checkpoint it signed. */
async function logTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_state (
      realm text collate "C" primary key,
      origin text not null,
      verifier_key text not null,
      size bigint not null,
      root bytea not null,
      last_time bigint not null
    )`.execute(db);
  await sql`
    create table log_queue (
      id bigint generated always as identity primary key,
      realm text collate "C" not null,
      namespace text collate "C" not null,
      leaf jsonb not null,
      subject_kind text not null
        constraint log_queue_subject_kind check (subject_kind in ('namespace', 'key', 'version', 'state')),
      subject_id bigint not null,
      audit_id bigint not null references audit,
      attempts integer not null default 0
    )`.execute(db);
  await sql`
    create table log_leaves (
      realm text collate "C" not null references log_state,
      index bigint not null,
      leaf bytea not null constraint log_leaves_size check (octet_length(leaf) <= 4096),
      primary key (realm, index)
    )`.execute(db);
  await sql`
    create table log_tiles (
      realm text collate "C" not null references log_state,
      level smallint not null,
      index bigint not null,
      hashes bytea not null constraint log_tiles_size check (octet_length(hashes) between 32 and 8192),
      primary key (realm, level, index)
    )`.execute(db);
  await sql`
    create table log_checkpoints (
      realm text collate "C" not null references log_state,
      size bigint not null,
      note text not null,
      created_at timestamptz not null default now(),
      primary key (realm, size)
    )`.execute(db);
  await sql`
    create table log_heads (
      realm text collate "C" not null references log_state,
      namespace text collate "C" not null,
      seq bigint not null,
      leaf_hash text not null,
      primary key (realm, namespace)
    )`.execute(db);
}
