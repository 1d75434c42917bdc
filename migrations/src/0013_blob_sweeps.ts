import { sql, type Kysely } from 'kysely';

/**
 * Which blobs were swept, so that a publish never relies on one that is gone, and which origin a mirror serves.
 *
 * A row of `blob_sweeps` is made when a blob that nothing names is about to be deleted, and stays: whoever has seen the blob
 * before that finds the row when it records what names it, and puts the blob anew under the next generation.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table blob_sweeps (
      tar_sha256 bytea primary key constraint blob_sweeps_length check (octet_length(tar_sha256) = 32),
      generation bigint not null,
      state text not null constraint blob_sweeps_state check (state in ('sweeping', 'swept', 'reclaimed')),
      changed_at timestamptz not null default now()
    )`.execute(db);
  await sql`create index blob_sweeps_unfinished on blob_sweeps (changed_at) where state = 'sweeping'`.execute(
    db,
  );

  // Whoever names a blob holds it against the sweep until the transaction ends, and is refused when it was swept: unless it
  // was put again under the generation that the transaction says. Each statement of a function sees what the one before waited for.
  await sql`
    create function hold_blob() returns trigger language plpgsql as $$
    declare
      swept blob_sweeps%rowtype;
    begin
      perform pg_advisory_xact_lock_shared(('x' || encode(substr(new.tar_sha256, 1, 8), 'hex'))::bit(64)::bigint);
      select * into swept from blob_sweeps where tar_sha256 = new.tar_sha256;
      if found and not (swept.state = 'reclaimed' and position(
        format('%s=%s;', encode(new.tar_sha256, 'hex'), swept.generation)
        in coalesce(current_setting('sheaf.reclaimed', true), '')) > 0)
      then
        raise exception 'the blob was swept' using errcode = 'restrict_violation', constraint = 'blob_swept';
      end if;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger versions_hold_blob before insert on versions
      for each row execute function hold_blob()`.execute(db);
  await sql`
    create trigger staged_versions_hold_blob before insert on staged_versions
      for each row execute function hold_blob()`.execute(db);

  // A mirror: what it serves was imported and verified, and nothing else is ever written to it.
  await sql`
    create table mirror (
      singleton boolean primary key default true constraint mirror_one_row check (singleton),
      origin text not null,
      namespaces text[],
      imported_at timestamptz not null default now()
    )`.execute(db);
}
