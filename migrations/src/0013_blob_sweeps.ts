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

  // One statement, but two snapshots: what is read is read after the lock is held.
  await sql`
    create function hold_blob(digest bytea) returns table (sweep_generation bigint, sweep_state text)
    language plpgsql volatile as $$
    begin
      perform pg_advisory_xact_lock_shared(('x' || encode(substr(digest, 1, 8), 'hex'))::bit(64)::bigint);
      return query select generation, state from blob_sweeps where tar_sha256 = digest;
    end $$`.execute(db);

  // A mirror: what it serves was imported and verified, and nothing else is ever written to it.
  await sql`
    create table mirror (
      singleton boolean primary key default true constraint mirror_one_row check (singleton),
      origin text not null,
      namespaces text[],
      imported_at timestamptz not null default now()
    )`.execute(db);
}
