import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/** A blob that was swept before and may be put again. */
export interface ReclaimedBlob {
  readonly tarSha256: Buffer;
  readonly generation: number;
}

/**
 * Whether a transaction was refused because it named a blob that a sweep may have removed since it was put. To be answered by
 * {@link reclaimBlob}, putting the blob again, and another transaction that begins with {@link allowReclaimed}.
 */
export function isBlobSwept(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23001' && constraint === 'blob_swept';
}

/**
 * Announces that a blob which was swept is about to be put again; the sweep leaves it alone for its grace time from here on.
 * 'sweeping' while its removal may still be on its way: ask again later. Undefined for a blob that was never swept.
 */
export async function reclaimBlob(
  db: Db,
  tarSha256: Buffer,
): Promise<ReclaimedBlob | 'sweeping' | undefined> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${lockOf(tarSha256)})`.execute(trx);
    const { rows } = await sql<{ generation: number }>`
      update blob_sweeps set state = 'reclaimed', changed_at = clock_timestamp()
      where tar_sha256 = ${tarSha256} and (state <> 'sweeping' or ${isOlderThan(sql`changed_at`, REMOVAL_MS)})
      returning generation`.execute(trx);
    const [row] = rows;
    if (row) return { tarSha256, generation: row.generation };
    const found = await sql`select from blob_sweeps where tar_sha256 = ${tarSha256}`.execute(trx);
    return found.rows.length > 0 ? 'sweeping' : undefined;
  });
}

/** Says which blobs were put again under which generation, before the transaction names them. */
export async function allowReclaimed(trx: Trx, blobs: readonly ReclaimedBlob[]): Promise<void> {
  const text = blobs
    .map(({ tarSha256, generation }) => `${tarSha256.toString('hex')}=${generation};`)
    .join('');
  await sql`select set_config('sheaf.reclaimed', ${text}, true)`.execute(trx);
}

/** Longer than the deletion of an object can be on its way. */
export const REMOVAL_MS = 180_000;

/**
 * Marks a blob as about to be deleted, unless something names it, somebody is recording something that names it, it was
 * reclaimed within the grace time, or another sweep may still be deleting it. From the commit of this on, nobody records what
 * relies on the blob that is there. Answers the generation that ends; undefined when the blob stays.
 */
export function condemnBlob(db: Db, tarSha256: Buffer, graceMs: number): Promise<number | undefined> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ locked: boolean }>`
      select pg_try_advisory_xact_lock(${lockOf(tarSha256)}) as locked`.execute(trx);
    if (rows[0]?.locked !== true) return undefined;
    const condemned = await sql<{ generation: number }>`
      insert into blob_sweeps as s (tar_sha256, generation, state, changed_at)
      select ${tarSha256}, 1, 'sweeping', clock_timestamp()
      where not (${isNamed(tarSha256)})
      on conflict (tar_sha256) do update
        set generation = s.generation + 1, state = 'sweeping', changed_at = clock_timestamp()
        where s.state = 'swept'
          or (s.state = 'sweeping' and ${isOlderThan(sql`s.changed_at`, REMOVAL_MS)})
          or (s.state = 'reclaimed' and ${isOlderThan(sql`s.changed_at`, graceMs)})
      returning generation`.execute(trx);
    return condemned.rows[0]?.generation;
  });
}

/** Notes that the blob is gone, unless another sweep has taken over: from here on it may be put again. */
export async function markSwept(db: Db, tarSha256: Buffer, generation: number): Promise<void> {
  await sql`
    update blob_sweeps set state = 'swept', changed_at = clock_timestamp()
    where tar_sha256 = ${tarSha256} and generation = ${generation} and state = 'sweeping'`.execute(db);
}

/** Blobs whose removal was begun long ago and not confirmed, oldest first: their sweep was cut short. */
export async function unfinishedSweeps(db: Db, limit: number): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ tar_sha256: Buffer }>`
    select tar_sha256 from blob_sweeps
    where state = 'sweeping' and ${isOlderThan(sql`changed_at`, REMOVAL_MS)}
    order by changed_at limit ${limit}`.execute(db);
  return rows.map((row) => row.tar_sha256);
}

/** Those of the digests that nothing names. */
export async function unnamedBlobs(db: Db, digests: readonly Buffer[]): Promise<readonly Buffer[]> {
  const { rows } = await sql<{ digest: Buffer }>`
    select digest from unnest(${[...digests]}::bytea[]) as d(digest) where not (${isNamed(sql`d.digest`)})`.execute(
    db,
  );
  return rows.map((row) => row.digest);
}

/** Whether a row of any kind names the blob: versions, placed or not, and those that wait for an approval. */
function isNamed(digest: unknown) {
  return sql<boolean>`(exists (select from versions v where v.tar_sha256 = ${digest})
    or exists (select from staged_versions s where s.tar_sha256 = ${digest}))`;
}

function isOlderThan(at: unknown, ms: number) {
  return sql<boolean>`${at} < clock_timestamp() - ${ms}::double precision * interval '1 millisecond'`;
}

/** As `hold_blob` of the schema has it: the first eight bytes of the digest. */
function lockOf(tarSha256: Buffer) {
  return sql`${tarSha256.readBigInt64BE(0).toString()}::bigint`;
}
