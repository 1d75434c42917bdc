import { sql, type Kysely } from 'kysely';

/**
 * A key can be revoked more than once, each time to refuse more: superseded at most once, and compromised from ever
 * lower indexes. And no namespace asks for more keys than can sign beside a new one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table key_revocations drop constraint key_revocations_unique`.execute(db);
  await sql`
    alter table key_revocations
      add constraint key_revocations_distinct unique nulls not distinct (key_id, from_index)`.execute(db);

  // Not valid: a row that asks for 16 is in a log already, and no reason to refuse an upgrade.
  await sql`alter table namespace_policies drop constraint namespace_policies_threshold`.execute(db);
  await sql`
    alter table namespace_policies
      add constraint namespace_policies_threshold check (threshold between 1 and 15) not valid`.execute(db);
}
