import { sql, type Kysely } from 'kysely';

/**
 * How often versions were downloaded. `downloads` is the count of each day, `workflow_downloads` what search ranks by:
 * one row for each workflow, apart from its own row, which the log locks to make versions visible.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table downloads (
      version_id bigint not null references versions on delete cascade,
      day date not null,
      count bigint not null constraint downloads_count check (count > 0),
      primary key (version_id, day)
    )`.execute(db);
  await sql`
    create table workflow_downloads (
      workflow_id bigint primary key references workflows on delete cascade,
      total bigint not null constraint workflow_downloads_total check (total > 0)
    )`.execute(db);
}
