import { sql } from 'kysely';
import type { Db } from './connection.js';
import { NEW_PUBLIC_SHELF, PRIVATE_SHELF } from './search-refresh.js';

const INDEXES = [NEW_PUBLIC_SHELF, PRIVATE_SHELF].map((shelf) => `search_entries_terms_${shelf}`);

/**
 * Sorts the words of new entries into their indexes, which publishing only adds them to. Where somebody else owns the tables, it
 * is left to the vacuum of the database.
 */
export async function sortArrivals(db: Db): Promise<void> {
  await sql`
    select gin_clean_pending_list(oid) from pg_class
    where relname = any(${INDEXES}::text[]) and relnamespace = current_schema()::regnamespace
      and pg_has_role(relowner, 'usage')`.execute(db);
}
