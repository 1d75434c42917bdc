import { sql, type Kysely } from 'kysely';

/**
 * Who may publish by an identity token of an outside issuer, the short-lived keys and tokens that such publishers were
 * given, and which identity tokens were used already.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // By the name of the namespace, not its id: a publisher may wait for a namespace that its first publish creates.
  await sql`
    create table trusted_publishers (
      id text collate "C" primary key constraint trusted_publishers_id check (id ~ '^[0-9a-f]{16}$'),
      namespace text collate "C" not null,
      workflow text collate "C",
      issuer text collate "C" not null constraint trusted_publishers_issuer check (length(issuer) <= 256),
      kind text collate "C" not null,
      claims jsonb not null,
      is_pending boolean not null,
      created_by bigint not null references users,
      created_at timestamptz not null default now(),
      last_used_at timestamptz
    )`.execute(db);
  await sql`
    create unique index trusted_publishers_unique
      on trusted_publishers (namespace, coalesce(workflow, ''), issuer, md5(claims::text), created_by)`.execute(
    db,
  );

  await sql`
    create table ephemeral_keys (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces on delete cascade,
      publisher_id text collate "C" not null references trusted_publishers on delete cascade,
      key_id text collate "C" not null constraint ephemeral_keys_key_id check (key_id ~ '^[0-9a-f]{64}$'),
      public_key bytea not null constraint ephemeral_keys_public_key_length check (octet_length(public_key) = 32),
      workflow text collate "C",
      issuer text collate "C" not null,
      kind text collate "C" not null,
      identity jsonb not null,
      token_id text collate "C" not null constraint ephemeral_keys_token_id_unique unique,
      token_sha256 bytea not null constraint ephemeral_keys_token_sha256_length check (octet_length(token_sha256) = 32),
      token_expires_at timestamptz not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      log_index bigint,
      constraint ephemeral_keys_unique unique (namespace_id, key_id)
    )`.execute(db);
  await sql`create index ephemeral_keys_by_publisher on ephemeral_keys (publisher_id)`.execute(db);
  await sql`create index ephemeral_keys_by_expiry on ephemeral_keys (expires_at)`.execute(db);

  await sql`
    create table used_identity_tokens (
      token_sha256 bytea primary key
        constraint used_identity_tokens_length check (octet_length(token_sha256) = 32),
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index used_identity_tokens_by_expiry on used_identity_tokens (expires_at)`.execute(db);
}
