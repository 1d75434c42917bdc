import { sql, type Insertable, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/** A version that waits. */
export interface StagedRow {
  readonly namespace_id: number;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly tar_sha256: Buffer;
  readonly tar_size: number;
  readonly blob_size: number;
  readonly envelope: Buffer;
}

export interface StageRow {
  readonly id: string;
  readonly realm: string;
  readonly is_forced: boolean;
  readonly user: string | null;
  readonly created_by: number | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  /** In the order they were sent in. */
  readonly versions: readonly StagedRow[];
}

export async function insertStage(
  trx: Trx,
  stage: Insertable<Database['stages']>,
  versions: readonly Insertable<Database['staged_versions']>[],
): Promise<void> {
  await trx.insertInto('stages').values(stage).execute();
  await trx
    .insertInto('staged_versions')
    .values([...versions])
    .execute();
}

/** A stage that has not expired. */
export async function findStage(db: Db | Trx, id: string): Promise<StageRow | undefined> {
  const [stage] = await withVersions(db, await selectStages(db).where('s.id', '=', id).execute());
  return stage;
}

/** As {@link findStage}, locked until the transaction ends. */
export async function lockStage(trx: Trx, id: string): Promise<StageRow | undefined> {
  await trx.selectFrom('stages').select('id').where('id', '=', id).forUpdate().execute();
  return findStage(trx, id);
}

/** Stages with a version in one of the namespaces, the newest first. */
export async function listStages(
  db: Db,
  namespaces: readonly string[],
  limit: number,
): Promise<readonly StageRow[]> {
  if (namespaces.length === 0) return [];
  const rows = await selectStages(db)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('staged_versions as v')
          .innerJoin('namespaces as n', 'n.id', 'v.namespace_id')
          .select('v.stage_id')
          .whereRef('v.stage_id', '=', 's.id')
          .where('n.name', 'in', [...namespaces]),
      ),
    )
    .orderBy('s.created_at', 'desc')
    .orderBy('s.id')
    .limit(limit)
    .execute();
  return withVersions(db, rows);
}

/** Makes those who stage versions of a namespace at the same moment do so one after the other, until the transaction ends. */
export async function lockStaging(trx: Trx, namespaceId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('stage:' || ${namespaceId}::text, 0))`.execute(trx);
}

/** What a person has staged that waits with these very bundles, in this order, the oldest first. */
export async function findSameStages(
  trx: Trx,
  createdBy: number,
  versions: readonly Pick<Insertable<Database['staged_versions']>, 'namespace_id' | 'name' | 'version'>[],
  digests: readonly Buffer[],
): Promise<readonly StageRow[]> {
  const [first] = versions;
  if (first === undefined) return [];
  const rows = await selectStages(trx)
    .where('s.created_by', '=', createdBy)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('staged_versions as v')
          .select('v.stage_id')
          .whereRef('v.stage_id', '=', 's.id')
          .where('v.namespace_id', '=', first.namespace_id)
          .where('v.name', '=', first.name)
          .where('v.version', '=', first.version),
      ),
    )
    .orderBy('s.created_at')
    .execute();
  return (await withVersions(trx, rows)).filter(
    (stage) =>
      stage.versions.length === versions.length &&
      stage.versions.every((row, i) => {
        const { namespace_id, name, version } = row;
        const wanted = versions[i];
        return (
          wanted?.namespace_id === namespace_id &&
          wanted.name === name &&
          wanted.version === version &&
          digests[i]?.equals(row.tar_sha256) === true
        );
      }),
  );
}

export async function replaceEnvelopes(
  trx: Trx,
  stageId: string,
  envelopes: readonly Uint8Array[],
): Promise<void> {
  await sql`
    update staged_versions set envelope = e.envelope
    from unnest(${envelopes.map((e) => Buffer.from(e))}::bytea[]) with ordinality as e(envelope, ordinal)
    where stage_id = ${stageId} and staged_versions.ordinal = e.ordinal - 1`.execute(trx);
}

/** Whether it was there. */
export async function deleteStage(trx: Trx, id: string): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('stages').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** How many versions of a namespace wait, and how large their bundles are together. */
export async function stagedSize(
  trx: Trx,
  namespaceId: number,
): Promise<{ readonly versions: number; readonly bytes: number }> {
  const { rows } = await sql<{ versions: number; bytes: number }>`
    select count(*) as versions, coalesce(sum(blob_size), 0)::bigint as bytes
    from staged_versions where namespace_id = ${namespaceId}`.execute(trx);
  return rows[0] ?? { versions: 0, bytes: 0 };
}

function selectStages(db: Db | Trx) {
  return db
    .selectFrom('stages as s')
    .leftJoin('users as u', 'u.id', 's.created_by')
    .select([
      's.id',
      's.realm',
      's.is_forced',
      's.created_by',
      's.created_at',
      's.expires_at',
      'u.name as user',
    ])
    .where('s.expires_at', '>', sql<Date>`now()`);
}

async function withVersions(
  db: Db | Trx,
  stages: readonly Omit<StageRow, 'versions'>[],
): Promise<readonly StageRow[]> {
  if (stages.length === 0) return [];
  const rows = await db
    .selectFrom('staged_versions as v')
    .innerJoin('namespaces as n', 'n.id', 'v.namespace_id')
    .select(['v.stage_id', 'v.namespace_id', 'n.name as namespace', 'v.name', 'v.version'])
    .select(['v.tar_sha256', 'v.tar_size', 'v.blob_size', 'v.envelope'])
    .where(
      'v.stage_id',
      'in',
      stages.map(({ id }) => id),
    )
    .orderBy('v.ordinal')
    .execute();
  return stages.map((stage) => ({
    ...stage,
    versions: rows.filter(({ stage_id }) => stage_id === stage.id),
  }));
}
