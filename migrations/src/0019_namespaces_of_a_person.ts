import { sql, type Kysely } from 'kysely';

/** A person may have a limit of their own: how many namespaces they are a member of. The subject is `user:<id of the person>`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table limits drop constraint limits_subject,
      add constraint limits_subject check (subject ~ '^(ns:[0-9]+|user:[0-9]+|token:.{1,200})$'),
      add column namespaces bigint constraint limits_namespaces check (namespaces >= 0)`.execute(db);
}
