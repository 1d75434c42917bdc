import { sql } from 'kysely';
import type { Db } from './connection.js';
import { copiedSizeOf } from './log-copy-queries.js';
import { notifyOf } from './notify-queries.js';

/** A checkpoint's note, and how long witnesses may still cosign it: null when it never changes again. */
export interface CheckpointNote {
  readonly size: number;
  readonly note: string;
  readonly openForMs: number | null;
  /** Whether it is known to be copied out of the database: before that nobody may see it. */
  readonly isCopied: boolean;
}

/** Milliseconds until a note is closed, by the database's clock. */
const OPEN_FOR_MS = sql<
  number | null
>`(extract(epoch from open_until - clock_timestamp()) * 1000)::double precision`;

export function findCheckpointNote(db: Db, realm: string, size: number): Promise<CheckpointNote | undefined> {
  return db
    .selectFrom('log_checkpoints')
    .select(['size', 'note', OPEN_FOR_MS.as('openForMs')])
    .select(sql<boolean>`size <= ${copiedSizeOf(realm)}`.as('isCopied'))
    .where('realm', '=', realm)
    .where('size', '=', size)
    .executeTakeFirst();
}

/** The newest that may be shown: one that is signed and not known to be copied is passed over. */
export function findNewestNote(db: Db, realm: string): Promise<CheckpointNote | undefined> {
  return db
    .selectFrom('log_checkpoints')
    .select(['size', 'note', OPEN_FOR_MS.as('openForMs')])
    .select(sql<boolean>`true`.as('isCopied'))
    .where('realm', '=', realm)
    .where('size', '<=', copiedSizeOf(realm))
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Adds what witnesses have cosigned and closes the note, unless its time is over. Returns whether it was in time. */
export async function closeNote(
  db: Db,
  realm: string,
  size: number,
  lines: readonly string[],
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('log_checkpoints')
    .set({ note: sql`note || ${lines.join('')}`, open_until: null })
    .where('realm', '=', realm)
    .where('size', '=', size)
    .where('open_until', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Closes a note whose time is over, so that nothing can be added between reading it and answering it: whoever is about
 * to add lines holds the same row.
 */
export async function closeExpiredNote(db: Db, realm: string, size: number): Promise<void> {
  await db
    .updateTable('log_checkpoints')
    .set({ open_until: null })
    .where('realm', '=', realm)
    .where('size', '=', size)
    .where('open_until', '<=', sql<Date>`clock_timestamp()`)
    .execute();
}

export interface StoredCosignature {
  readonly witness: string;
  readonly size: number;
  readonly time: number;
  readonly line: string;
}

/** The newest cosignature of each witness. */
export function listCosignatures(db: Db, realm: string): Promise<readonly StoredCosignature[]> {
  return db
    .selectFrom('log_cosignatures')
    .select(['witness', 'size', 'time', 'line'])
    .where('realm', '=', realm)
    .orderBy('witness')
    .execute();
}

/** Keeps a cosignature unless there is one of a larger or a later checkpoint, and tells who shows the newest one. */
export async function storeCosignature(db: Db, realm: string, cosignature: StoredCosignature): Promise<void> {
  await db
    .insertInto('log_cosignatures')
    .values({ realm, ...cosignature })
    .onConflict((c) =>
      c
        .columns(['realm', 'witness'])
        .doUpdateSet((q) => ({
          size: q.ref('excluded.size'),
          time: q.ref('excluded.time'),
          line: q.ref('excluded.line'),
        }))
        .where(
          sql<boolean>`(excluded.size, excluded.time) >= (log_cosignatures.size, log_cosignatures.time)`,
        ),
    )
    .execute();
  await sql`select ${notifyOf({ realm })}`.execute(db);
}
