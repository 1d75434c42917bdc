import type { Insertable } from 'kysely';
import type { Db } from './connection.js';
import { PERSON_COLUMNS, rolesJson, withRoles } from './user-queries.js';
import type { Database } from './schema.js';

const MAX_SESSIONS_OF_ONE = 20;

/** Keeps a sign-in; of one person only the newest are kept. */
export async function insertSession(db: Db, row: Insertable<Database['sessions']>): Promise<void> {
  await db.insertInto('sessions').values(row).execute();
  await db
    .deleteFrom('sessions')
    .where('user_id', '=', row.user_id)
    .where('id', 'in', (older) =>
      older
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', row.user_id)
        .orderBy('created_at', 'desc')
        .offset(MAX_SESSIONS_OF_ONE)
        .limit(1000),
    )
    .execute();
}

export async function findSession(db: Db, secretSha256: Buffer) {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      'sessions.id',
      'sessions.is_admin as is_admin_by_claim',
      'sessions.authenticated_at',
      'sessions.created_at',
      'sessions.expires_at',
      ...PERSON_COLUMNS,
    ])
    .select(rolesJson())
    .where('sessions.secret_sha256', '=', secretSha256)
    .executeTakeFirst();
  return row && withRoles(row);
}

export async function deleteSession(db: Db, secretSha256: Buffer): Promise<void> {
  await db.deleteFrom('sessions').where('secret_sha256', '=', secretSha256).execute();
}

/** Removes what has expired. Returns how many there were. */
export async function deleteExpiredSessions(db: Db, now: Date): Promise<number> {
  const result = await db.deleteFrom('sessions').where('expires_at', '<=', now).executeTakeFirst();
  return Number(result.numDeletedRows);
}
