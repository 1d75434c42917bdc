import { sql, type RawBuilder } from 'kysely';
import type { Db } from './connection.js';
import { notifyOf } from './notify-queries.js';

/** Size of the newest checkpoint of a realm that is known to be copied; an empty log needs no copy. */
export function copiedSizeOf(realm: string): RawBuilder<number> {
  return sql<number>`coalesce((select size from log_copies where realm = ${realm}), 0)`;
}

/**
 * Notes that a checkpoint, and so every one before it, is copied. It does not wait for the disk: what is lost with the
 * power is found again by reading the copy. Processes are told, for they show the newest checkpoint from memory.
 */
export async function markCopied(db: Db, realm: string, size: number): Promise<void> {
  await sql`
    with copied as (
      insert into log_copies (realm, size)
        select ${realm}, ${size} where set_config('synchronous_commit', 'off', true) is not null
      on conflict (realm) do update set size = excluded.size where log_copies.size < excluded.size
      returning realm
    ) select ${notifyOf({ realm })} from copied`.execute(db);
}
