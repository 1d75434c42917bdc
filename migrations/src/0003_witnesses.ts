import { sql, type Kysely } from 'kysely';

/**
 * Cosignatures of witnesses. A checkpoint's note takes them in while it is open, once; from then on it never changes,
 * because receipts carry it. What witnesses say later of the newest checkpoint stands beside it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Until when witnesses may still cosign the note; null once it never changes again.
  await sql`alter table log_checkpoints add column open_until timestamptz`.execute(db);

  // The newest cosignature of each witness.
  await sql`
    create table log_cosignatures (
      realm text collate "C" not null references log_state,
      witness text collate "C" not null,
      size bigint not null,
      time bigint not null,
      line text not null constraint log_cosignatures_line check (octet_length(line) <= 1024),
      primary key (realm, witness)
    )`.execute(db);
}
