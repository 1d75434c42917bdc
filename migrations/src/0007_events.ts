import { sql, type Kysely } from 'kysely';

/**
 * What follows from the log: events with an order of their own, webhooks, channels. And the state of jobs, and an audit
 * table that cannot be emptied either.
 *
 * The older table `outbox` held what was asked for rather than what the log had confirmed; nothing reads it, and processes
 * of the release before may still write it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await eventTables(db);
  await channelTables(db);
  await webhookTables(db);

  await sql`
    create table jobs (
      name text collate "C" primary key,
      next_at timestamptz not null default now(),
      succeeded_at timestamptz,
      failures integer not null default 0,
      last_error text constraint jobs_last_error check (length(last_error) <= 500)
    )`.execute(db);

  await sql`
    create trigger audit_keeps_all before truncate on audit
      for each statement execute function audit_is_append_only()`.execute(db);
  await sql`create index audit_by_namespace on audit (namespace, id desc)`.execute(db);
  await sql`create index audit_by_user on audit (user_id, id desc)`.execute(db);
  await sql`create index audit_by_action on audit (action, id desc)`.execute(db);
  await sql`create index audit_by_time on audit (at, id)`.execute(db);
}

/**
 * An event is written by the transaction that gives its leaf a place, and gets its position in the feed from one writer at
 * a time afterwards: readers go by positions, which become visible in their order and without gaps.
 */
async function eventTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table events (
      id bigint generated always as identity primary key,
      position bigint constraint events_position_unique unique,
      at timestamptz not null,
      topic text collate "C" not null,
      realm text collate "C" not null,
      log_index bigint not null,
      namespace text collate "C" not null,
      workflow text collate "C",
      version text collate "C",
      detail jsonb not null default '{}'::jsonb,
      constraint events_of_leaf unique (realm, log_index)
    )`.execute(db);
  await sql`create index events_unnumbered on events (id) where position is null`.execute(db);
  await sql`create index events_by_namespace on events (namespace, position desc)`.execute(db);
  await sql`create index events_by_workflow on events (namespace, workflow, position desc)`.execute(db);
  await sql`create index events_by_realm on events (realm, position desc)`.execute(db);
  await sql`create index events_by_time on events (at)`.execute(db);
  await sql`
    create table event_feed (
      singleton boolean primary key default true constraint event_feed_singleton check (singleton),
      numbered bigint not null default 0,
      relayed bigint not null default 0,
      pruned bigint not null default 0
    )`.execute(db);
  await sql`insert into event_feed default values`.execute(db);
}

/** Moves are events of the log with a row each; `channels` is where they have led to. */
async function channelTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table channel_moves (
      id bigint generated always as identity primary key,
      workflow_id bigint not null references workflows,
      channel text collate "C" not null,
      version_id bigint references versions on delete cascade,
      moved_by bigint references users,
      created_at timestamptz not null default now(),
      log_index bigint,
      moved_at timestamptz,
      constraint channel_moves_logged check ((log_index is null) = (moved_at is null))
    )`.execute(db);
  await sql`
    create index channel_moves_history on channel_moves (workflow_id, channel, log_index desc)
      where log_index is not null`.execute(db);
  await sql`
    create index channel_moves_waiting on channel_moves (workflow_id, channel, id) where log_index is null`.execute(
    db,
  );
  await sql`create index channel_moves_by_version on channel_moves (version_id)`.execute(db);
  await sql`
    create table channels (
      workflow_id bigint not null references workflows,
      channel text collate "C" not null,
      version_id bigint not null references versions,
      log_index bigint not null,
      moved_at timestamptz not null,
      primary key (workflow_id, channel)
    )`.execute(db);
  await sql`create index channels_by_version on channels (version_id)`.execute(db);

  await sql`alter table log_queue drop constraint log_queue_subject_kind`.execute(db);
  await sql`
    alter table log_queue add constraint log_queue_subject_kind
      check (subject_kind in (
        'namespace', 'key', 'revocation', 'policy', 'version', 'state', 'channel', 'transfer', 'ephemeral'))`.execute(
    db,
  );
}

async function webhookTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhooks (
      id text collate "C" primary key,
      namespace_id bigint references namespaces on delete cascade,
      url text not null constraint webhooks_url check (length(url) <= 2000),
      topics text[] not null,
      secret bytea not null,
      old_secret bytea,
      old_secret_until timestamptz,
      created_by bigint references users,
      created_at timestamptz not null default now(),
      after_position bigint not null,
      failing_since timestamptz,
      failures integer not null default 0,
      paused_until timestamptz,
      disabled_at timestamptz,
      disabled_reason text,
      constraint webhooks_old_secret check ((old_secret is null) = (old_secret_until is null)),
      constraint webhooks_disabled check ((disabled_at is null) = (disabled_reason is null))
    )`.execute(db);
  await sql`create index webhooks_by_namespace on webhooks (namespace_id)`.execute(db);
  await sql`
    create table webhook_deliveries (
      id text collate "C" primary key,
      webhook_id text collate "C" not null references webhooks on delete cascade,
      position bigint not null references events (position),
      state text not null default 'pending'
        constraint webhook_deliveries_state check (state in ('pending', 'delivered', 'dead')),
      attempts integer not null default 0,
      created_at timestamptz not null default now(),
      next_at timestamptz not null default now(),
      finished_at timestamptz,
      status integer,
      error text,
      response bytea constraint webhook_deliveries_response check (octet_length(response) <= 1024),
      duration_ms integer,
      constraint webhook_deliveries_once unique (webhook_id, position),
      constraint webhook_deliveries_finished check ((finished_at is null) = (state = 'pending'))
    )`.execute(db);
  await sql`
    create index webhook_deliveries_due on webhook_deliveries (next_at) where state = 'pending'`.execute(db);
  await sql`
    create index webhook_deliveries_waiting on webhook_deliveries (webhook_id, next_at) where state = 'pending'`.execute(
    db,
  );
  await sql`create index webhook_deliveries_by_position on webhook_deliveries (position)`.execute(db);
  await sql`
    create index webhook_deliveries_ended on webhook_deliveries (finished_at) where state <> 'pending'`.execute(
    db,
  );
}
