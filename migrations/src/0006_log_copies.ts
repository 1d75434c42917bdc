import { sql, type Kysely } from 'kysely';

/**
 * How far each log is known to be copied to the object store. What lies beyond it is signed but shown to nobody, for
 * another database may have gone on from the same place.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_copies (
      realm text collate "C" primary key references log_state,
      size bigint not null
    )`.execute(db);
  // All of it could be read before.
  await sql`insert into log_copies (realm, size) select realm, size from log_state`.execute(db);
}
