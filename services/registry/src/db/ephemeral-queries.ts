import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/** Stores a key that waits for the log; undefined when the namespace has had it, as whatever kind of key. */
export async function insertEphemeralKey(
  trx: Trx,
  row: Insertable<Database['ephemeral_keys']>,
): Promise<number | undefined> {
  const held = await trx
    .selectFrom('keys')
    .select('id')
    .where('namespace_id', '=', row.namespace_id)
    .where('key_id', '=', row.key_id)
    .executeTakeFirst();
  if (held) return undefined;
  const inserted = await trx
    .insertInto('ephemeral_keys')
    .values(row)
    .onConflict((c) => c.constraint('ephemeral_keys_unique').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}

/** How many keys a publisher was given that have not expired. */
export async function countKeysOf(trx: Trx, publisherId: string, now: Date): Promise<number> {
  const { count } = await trx
    .selectFrom('ephemeral_keys')
    .select((b) => b.fn.countAll<number>().as('count'))
    .where('publisher_id', '=', publisherId)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return count;
}

/** Where the log holds a key; null while it does not. */
export async function ephemeralIndex(db: Db, id: number): Promise<number | null> {
  const row = await db
    .selectFrom('ephemeral_keys')
    .select('log_index')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.log_index ?? null;
}

/** The key that a token was made for, with the name of its namespace, and whether its publisher's maker is suspended. */
export function findEphemeralToken(db: Db, tokenId: string) {
  return db
    .selectFrom('ephemeral_keys')
    .innerJoin('namespaces', 'namespaces.id', 'ephemeral_keys.namespace_id')
    .innerJoin('trusted_publishers', 'trusted_publishers.id', 'ephemeral_keys.publisher_id')
    .innerJoin('users', 'users.id', 'trusted_publishers.created_by')
    .select([
      'namespaces.name as namespace',
      'ephemeral_keys.key_id',
      'ephemeral_keys.workflow',
      'ephemeral_keys.issuer',
      'ephemeral_keys.kind',
      'ephemeral_keys.identity',
      'ephemeral_keys.token_sha256',
      'ephemeral_keys.token_expires_at',
      'ephemeral_keys.created_at',
      'users.suspended_at',
    ])
    .where('ephemeral_keys.token_id', '=', tokenId)
    .where('ephemeral_keys.log_index', 'is not', null)
    .executeTakeFirst();
}

/** Removes what has no meaning any more, at most so many rows of each; answers how many. */
export async function pruneTrusted(db: Db, now: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ pruned: number }>`
    with keys as (
      delete from ephemeral_keys where id in (
        select id from ephemeral_keys where expires_at < ${now}::timestamptz - interval '1 day' order by expires_at limit ${limit})
      returning 1),
    tokens as (
      -- By no clock of any process, nor soon: what one has forgotten another whose clock is behind would take again.
      delete from used_identity_tokens where token_sha256 in (
        select token_sha256 from used_identity_tokens where expires_at < now() - interval '1 day' order by expires_at limit ${limit})
      returning 1)
    select (select count(*) from keys) + (select count(*) from tokens) as pruned`.execute(db);
  return rows[0]?.pruned ?? 0;
}
