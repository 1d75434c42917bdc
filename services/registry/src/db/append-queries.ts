import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { NamespaceHead } from './log-queries.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

export interface Appended {
  readonly realm: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timeSeconds: number;
  readonly note: string;
  /** How long witnesses may add their lines to the note. */
  readonly noteOpenForMs: number;
  readonly leaves: readonly { readonly index: number; readonly leaf: Uint8Array }[];
  readonly tiles: readonly { readonly level: number; readonly index: number; readonly hashes: Uint8Array }[];
  readonly heads: readonly (NamespaceHead & { readonly namespace: string })[];
}

/** Stores everything that an append changes, in one statement. */
export async function storeAppend(trx: Trx, appended: Appended): Promise<void> {
  await sql`with ${appending(appended)} select`.execute(trx);
}

/** What an append changes, as parts of a statement that has a `with`. Tiles only ever grow. */
export function appending(appended: Appended): RawBuilder<unknown> {
  const { realm, size, leaves, tiles, heads } = appended;
  return sql`
    grown_leaves as (
      insert into log_leaves (realm, index, leaf)
      select ${realm}, * from unnest(
        ${leaves.map((l) => l.index)}::bigint[], ${leaves.map((l) => Buffer.from(l.leaf))}::bytea[])),
    grown_tiles as (
      insert into log_tiles (realm, level, index, hashes)
      select ${realm}, * from unnest(
        ${tiles.map((t) => t.level)}::smallint[], ${tiles.map((t) => t.index)}::bigint[],
        ${tiles.map((t) => Buffer.from(t.hashes))}::bytea[])
      on conflict (realm, level, index) do update set hashes = excluded.hashes),
    moved_heads as (
      insert into log_heads (realm, namespace, seq, leaf_hash)
      select ${realm}, * from unnest(
        ${heads.map((h) => h.namespace)}::text[], ${heads.map((h) => h.seq)}::bigint[],
        ${heads.map((h) => h.leafHash)}::text[])
      on conflict (realm, namespace) do update set seq = excluded.seq, leaf_hash = excluded.leaf_hash),
    signed as (
      insert into log_checkpoints (realm, size, note, open_until)
      values (${realm}, ${size}, ${appended.note}, ${openUntil(appended.noteOpenForMs)})
      on conflict (realm, size) do nothing),
    grown as (
      update log_state set size = ${size}, root = ${Buffer.from(appended.root)}, last_time = ${appended.timeSeconds}
      where realm = ${realm})`;
}

/** Until when witnesses may add to a note; null for not at all. */
function openUntil(openForMs: number): RawBuilder<Date | null> {
  return openForMs > 0
    ? sql<Date>`clock_timestamp() + ${openForMs}::double precision * interval '1 millisecond'`
    : sql<null>`null::timestamptz`;
}
