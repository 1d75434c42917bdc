import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/**
 * What must hold when a publish records a blob that it has put, or found, in the store: the proof that no sweep has
 * removed it since. `undefined` for a blob that was never swept.
 */
export type BlobGeneration = number | undefined;

/**
 * Keeps the sweep from a blob until the transaction ends, and says whether the blob that was put before the transaction,
 * under this generation, is still there. False: it may be gone; ask for a new generation ({@link reclaimBlob}), put the
 * blob again and record it in another transaction.
 */
export async function holdBlob(trx: Trx, tarSha256: Buffer, generation: BlobGeneration): Promise<boolean> {
  const { rows } = await sql<{ sweep_generation: number; sweep_state: SweepState }>`
    select sweep_generation, sweep_state from hold_blob(${tarSha256})`.execute(trx);
  const [row] = rows;
  if (row === undefined) return true;
  return row.sweep_state === 'reclaimed' && row.sweep_generation === generation;
}

/**
 * Announces that a blob which was swept is about to be put again, and answers its new generation; the sweep leaves it alone
 * for its grace time from here on. 'sweeping' while its removal may still be on its way: ask again later. To be called
 * after {@link holdBlob} has answered false.
 */
export async function reclaimBlob(
  db: Db,
  tarSha256: Buffer,
): Promise<{ readonly generation: BlobGeneration } | 'sweeping'> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${lockOf(tarSha256)})`.execute(trx);
    const { rows } = await sql<{ generation: number }>`
      update blob_sweeps set state = 'reclaimed', changed_at = clock_timestamp()
      where tar_sha256 = ${tarSha256} and state <> 'sweeping' returning generation`.execute(trx);
    const [row] = rows;
    if (row) return { generation: row.generation };
    const waiting = await sql`select from blob_sweeps where tar_sha256 = ${tarSha256}`.execute(trx);
    return waiting.rows.length > 0 ? 'sweeping' : { generation: undefined };
  });
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
        where s.state = 'swept' or s.changed_at < clock_timestamp() - interval '1 millisecond' *
          case s.state when 'sweeping' then ${REMOVAL_MS}::double precision else ${graceMs}::double precision end
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
    where state = 'sweeping' and changed_at < clock_timestamp() - interval '1 millisecond' * ${REMOVAL_MS}::double precision
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

type SweepState = 'sweeping' | 'swept' | 'reclaimed';

/** Whether a row of any kind names the blob: versions, placed or not. */
function isNamed(digest: unknown) {
  return sql<boolean>`exists (select from versions v where v.tar_sha256 = ${digest})`;
}

/** As `hold_blob` of the schema has it: the first eight bytes of the digest. */
function lockOf(tarSha256: Buffer) {
  return sql`${tarSha256.readBigInt64BE(0).toString()}::bigint`;
}
