import { sql, type Kysely } from 'kysely';

/**
 * The newest release that can be used is found at once, however many prereleases, yanked, quarantined or revoked versions there
 * are above it. Whoever looks for one of several kinds looks once for each.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Publishing waits until the index is made, reading does not: better than to fail where there are very many versions.
  await sql`set local statement_timeout = 0`.execute(db);
  await sql`
    create index versions_usable on versions (workflow_id, state, is_prerelease, sort_key desc)
      where log_index is not null and revoked_index is null and state in ('active', 'deprecated')`.execute(
    db,
  );
}
