import { sql, type Kysely } from 'kysely';

/**
 * Which object store belongs to the database: the id that stands in it. Until it is bound, the id is what a store
 * without one is given: all processes of one database write the same.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table registry
      add column store_id text not null default gen_random_uuid()::text,
      add column store_bound_at timestamptz`.execute(db);
}
