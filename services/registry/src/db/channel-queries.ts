import type { VersionState } from '@sheaf/client/contract';
import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database, SubjectKind } from './schema.js';
import type { WorkflowRef } from './workflow-queries.js';

type Trx = Transaction<Database>;

/** Sets these locks apart from any other advisory lock of the database: "chan" in ASCII. */
const CHANNELS_LOCK = 0x6368616e;

/**
 * Keeps the channels of a workflow as they are decided upon until the transaction ends. An advisory lock: one on the row
 * would hold up the log, which needs it to make versions visible.
 */
export async function lockChannels(trx: Trx, workflowId: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CHANNELS_LOCK}, ${workflowId % 2 ** 31})`.execute(trx);
}

/** Where a channel will point once every move that waits for the log has its place. */
export interface ForeseenChannel {
  readonly channel: string;
  /** Of the move that leads there, when it waits. */
  readonly waitingMoveId: number | undefined;
  readonly versionId: number | null;
}

/** The channels of a workflow that are or will be set by hand. The caller holds {@link lockChannels}. */
export async function foreseenChannels(trx: Trx, workflowId: number): Promise<readonly ForeseenChannel[]> {
  const { rows } = await sql<{ channel: string; move_id: number | null; version_id: number | null }>`
    select distinct on (channel) channel, move_id, version_id from (
      select channel, null::bigint as move_id, version_id from channels where workflow_id = ${workflowId}
      union all
      select channel, id, version_id from channel_moves where workflow_id = ${workflowId} and log_index is null
    ) x order by channel, move_id desc nulls last`.execute(trx);
  return rows.map((row) => ({
    channel: row.channel,
    waitingMoveId: row.move_id ?? undefined,
    versionId: row.version_id,
  }));
}

export async function insertChannelMove(
  trx: Trx,
  move: {
    readonly workflowId: number;
    readonly channel: string;
    readonly versionId: number | null;
    readonly movedBy: number | null;
  },
): Promise<number> {
  const row = await trx
    .insertInto('channel_moves')
    .values({
      workflow_id: move.workflowId,
      channel: move.channel,
      version_id: move.versionId,
      moved_by: move.movedBy,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Moves channels in the transaction that places the leaves of the moves. */
export async function applyChannelMoves(
  trx: Trx,
  placed: readonly { readonly subject_id: number; readonly index: number }[],
  at: Date,
): Promise<void> {
  if (placed.length === 0) return;
  const ids = placed.map((p) => p.subject_id);
  await sql`
    update channel_moves m set log_index = x.index, moved_at = ${at}
    from unnest(${ids}::bigint[], ${placed.map((p) => p.index)}::bigint[]) as x(id, index)
    where m.id = x.id`.execute(trx);
  const newest = sql`
    select distinct on (workflow_id, channel) workflow_id, channel, version_id, log_index, moved_at
    from channel_moves where id = any(${ids}::bigint[]) order by workflow_id, channel, log_index desc`;
  await sql`
    delete from channels c using (${newest}) n
    where n.version_id is null and c.workflow_id = n.workflow_id and c.channel = n.channel`.execute(trx);
  await sql`
    insert into channels (workflow_id, channel, version_id, log_index, moved_at)
    select * from (${newest}) n where version_id is not null
    on conflict (workflow_id, channel) do update set
      version_id = excluded.version_id, log_index = excluded.log_index, moved_at = excluded.moved_at`.execute(
    trx,
  );
}

/** What is known of a leaf when it leaves the queue. */
interface Drained {
  readonly subject_kind: SubjectKind;
  readonly subject_id: number;
}

/**
 * Of the leaves that are about to be placed, those that may be: a channel is not moved to a version that has no place in
 * the log, because it was withdrawn or waits longer than the move. Such moves are withdrawn as well.
 */
export async function admitChannels<D extends Drained>(
  trx: Trx,
  drained: readonly D[],
): Promise<readonly D[]> {
  const ids = drained.filter((d) => d.subject_kind === 'channel').map((d) => d.subject_id);
  if (ids.length === 0) return drained;
  const moves = await trx
    .selectFrom('channel_moves as m')
    .leftJoin('versions as v', 'v.id', 'm.version_id')
    .select(['m.id', 'm.version_id', 'v.log_index'])
    .where('m.id', 'in', ids)
    .execute();
  const known = new Map(moves.map((move) => [move.id, move]));
  const placed = new Set<number>();
  const refused: number[] = [];
  const admitted = drained.filter((entry) => {
    if (entry.subject_kind === 'version') placed.add(entry.subject_id);
    if (entry.subject_kind !== 'channel') return true;
    const move = known.get(entry.subject_id);
    const versionId = move?.version_id ?? null;
    if (move && (versionId === null || move.log_index !== null || placed.has(versionId))) return true;
    refused.push(entry.subject_id);
    return false;
  });
  if (refused.length > 0) await trx.deleteFrom('channel_moves').where('id', 'in', refused).execute();
  return admitted;
}

/** Where a channel that was set by hand points, as the log has it. */
export interface SetChannel {
  readonly channel: string;
  readonly version: string;
  readonly state: VersionState;
  readonly isRevoked: boolean;
  readonly logIndex: number;
  readonly movedAt: Date;
}

/** The channels of a workflow that were set by hand, in the order of their names. */
export async function channelsOf(db: Db | Trx, workflowId: number): Promise<readonly SetChannel[]> {
  const rows = await db
    .selectFrom('channels as c')
    .innerJoin('versions as v', 'v.id', 'c.version_id')
    .select(['c.channel', 'v.version', 'v.state', 'v.revoked_index', 'c.log_index', 'c.moved_at'])
    .where('c.workflow_id', '=', workflowId)
    .orderBy('c.channel')
    .execute();
  return rows.map((row) => ({
    channel: row.channel,
    version: row.version,
    state: row.state,
    isRevoked: row.revoked_index !== null,
    logIndex: row.log_index,
    movedAt: row.moved_at,
  }));
}

/** The moves of a channel that the log has, newest first, from the one before `before` on. */
export function channelHistory(
  db: Db,
  workflowId: number,
  channel: string,
  page: { readonly before: number | undefined; readonly limit: number },
) {
  let query = db
    .selectFrom('channel_moves as m')
    .leftJoin('versions as v', 'v.id', 'm.version_id')
    .select(['v.version', 'm.moved_at'])
    .select(sql<number>`m.log_index`.as('log_index'))
    .where('m.workflow_id', '=', workflowId)
    .where('m.channel', '=', channel)
    .where('m.log_index', 'is not', null)
    .orderBy('m.log_index', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) query = query.where('m.log_index', '<', page.before);
  return query.execute();
}

/** A workflow and the version that `latest` follows: the one that represents it, when that is stable and active. */
export function findFollowed(db: Db | Trx, ref: WorkflowRef) {
  return db
    .selectFrom('workflows as w')
    .innerJoin('namespaces as n', 'n.id', 'w.namespace_id')
    .leftJoin('versions as v', (join) =>
      join
        .onRef('v.id', '=', 'w.latest_version_id')
        .on('v.state', '=', 'active')
        .on('v.is_prerelease', '=', false),
    )
    .select(['w.id', 'n.realm', 'v.version', 'v.log_index', 'v.published_at'])
    .where('n.name', '=', ref.namespace)
    .where('w.name', '=', ref.name)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('versions as c')
          .select('c.id')
          .whereRef('c.workflow_id', '=', 'w.id')
          .where('c.log_index', 'is not', null),
      ),
    )
    .executeTakeFirst();
}
