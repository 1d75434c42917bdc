import { sql, type Kysely } from 'kysely';

/**
 * People who sign in at an identity provider, their sessions in the browser, invitations to namespaces, and the
 * transfer of one to another owner.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table users add column suspended_at timestamptz`.execute(db);
  // A trusted publisher is no person.
  await sql`alter table versions alter column published_by drop not null`.execute(db);

  await sql`
    create table identities (
      id bigint generated always as identity primary key,
      user_id bigint not null references users on delete cascade,
      issuer text collate "C" not null constraint identities_issuer_length check (octet_length(issuer) <= 512),
      subject text collate "C" not null
        constraint identities_subject_length check (octet_length(subject) between 1 and 255),
      created_at timestamptz not null default now(),
      constraint identities_unique unique (issuer, subject)
    )`.execute(db);
  await sql`create index identities_by_user on identities (user_id)`.execute(db);

  await sql`
    create table sessions (
      secret_sha256 bytea primary key
        constraint sessions_secret_sha256_length check (octet_length(secret_sha256) = 32),
      id text collate "C" not null constraint sessions_id_unique unique,
      user_id bigint not null references users on delete cascade,
      is_admin boolean not null,
      authenticated_at timestamptz,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index sessions_by_user on sessions (user_id)`.execute(db);
  await sql`create index sessions_by_expiry on sessions (expires_at)`.execute(db);

  await sql`
    create table invitations (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces on delete cascade,
      user_id bigint not null references users on delete cascade,
      role text not null constraint invitations_role check (role in ('reader', 'publisher', 'maintainer', 'owner')),
      is_transfer boolean not null default false,
      invited_by bigint not null references users,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      constraint invitations_unique unique (namespace_id, user_id),
      constraint invitations_transfer check (not is_transfer or role = 'owner')
    )`.execute(db);
  await sql`create index invitations_by_user on invitations (user_id)`.execute(db);

  await sql`
    create table ownership_transfers (
      id bigint generated always as identity primary key,
      namespace_id bigint not null references namespaces on delete cascade,
      from_user bigint not null references users,
      to_user bigint not null references users,
      -- Of the invitation that was accepted, which is gone: whoever accepts again finds what became of it.
      invitation_id bigint not null constraint ownership_transfers_invitation_unique unique,
      created_at timestamptz not null default now(),
      log_index bigint
    )`.execute(db);
  await sql`create index ownership_transfers_by_namespace on ownership_transfers (namespace_id)`.execute(db);
}
