import { sql, type Kysely } from 'kysely';

/** Where new entries stand: the shelf of what has no rank yet, and that of private namespaces. */
const SHELVES_OF_ARRIVALS = [3, 9];
/** Words that wait to be sorted in are read by every search of the shelf; a job sorts them in long before there are so many. */
const MAX_WAITING_KIB = 4096;

/**
 * New entries are added to the end of their index and sorted into it later, many at once: each of the words of a workflow is a
 * place of its own in the index, and publishing waited for all of them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const shelf of SHELVES_OF_ARRIVALS)
    await sql`alter index ${sql.ref(`search_entries_terms_${shelf}`)}
      set (fastupdate = on, gin_pending_list_limit = ${sql.lit(MAX_WAITING_KIB)})`.execute(db);
}
