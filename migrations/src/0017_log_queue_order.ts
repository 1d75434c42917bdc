import { sql, type Kysely } from 'kysely';

/** What comes next is found without looking at all that has left the queue since it was last vacuumed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index log_queue_order on log_queue (realm, attempts, id)`.execute(db);
}
