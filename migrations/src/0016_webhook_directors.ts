import { sql, type Kysely } from 'kysely';

/**
 * Who has ever said where a webhook leads, or learned its secret: it stops when one of them may not manage it any more.
 * Before, only who had made it was known; who changed it later stands in the audit.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhook_directors (
      webhook_id text collate "C" not null references webhooks on delete cascade,
      user_id bigint not null references users,
      primary key (webhook_id, user_id)
    )`.execute(db);
  await sql`create index webhook_directors_by_user on webhook_directors (user_id)`.execute(db);
  await sql`
    insert into webhook_directors (webhook_id, user_id)
    select id, created_by from webhooks where created_by is not null
    union
    select w.id, a.user_id from audit a join webhooks w on w.id = a.detail ->> 'webhook'
    where a.action in ('webhook.change', 'webhook.rotate') and a.user_id is not null`.execute(db);
}
