import { sql, type Kysely } from 'kysely';

/** What was fetched most in the last days is shown to everybody: it is found without reading the counts of years. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index downloads_by_day on downloads (day)`.execute(db);
}
