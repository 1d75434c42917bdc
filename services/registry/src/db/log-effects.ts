import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.js';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import { eventOf } from '../domain/events/event.js';
import type { Touch } from '../domain/reads/touch.js';
import { changeOf } from '../domain/releases/transitions.js';
import { applyChannelMoves } from './channel-queries.js';
import { insertingEvents, type PlacedEvent } from './event-queries.js';
import { notifying } from './notify-queries.js';
import { markRevoked } from './revoked-releases.js';
import { withdrawOvertaken } from './withdrawals.js';
import { refreshWorkflows } from './search-refresh.js';

type Trx = Transaction<Database>;

/** A leaf that has just got its index, and the row that it speaks of. */
export interface PlacedLeaf {
  /** Of the queue it was in. */
  readonly id: number;
  readonly index: number;
  readonly leaf: QueuedLeaf;
  readonly subject_kind: Database['log_queue']['subject_kind'];
  readonly subject_id: number;
  readonly audit_id: number;
}

/**
 * Makes visible what the placed leaves record, in the transaction that placed them: nothing is ever seen
 * without its proof, and nothing has a proof without being seen.
 */
export async function applyEffects(
  trx: Trx,
  realm: string,
  placed: readonly PlacedLeaf[],
  checkpointSize: number,
  at: Date,
): Promise<void> {
  const of = (kind: PlacedLeaf['subject_kind']) => placed.filter((p) => p.subject_kind === kind);
  for (const [kind, table] of INDEXED) {
    await setIndex(
      trx,
      table,
      of(kind).map((p) => ({ id: p.subject_id, index: p.index })),
    );
  }
  const published = of('version');
  await placeRows(trx, { realm, placed, published, checkpointSize, at });
  const changed = of('state');
  for (const { leaf, subject_id, index } of changed) {
    await trx
      .updateTable('versions')
      .set({ ...changeOf(leaf).after, state_index: index })
      .where('id', '=', subject_id)
      .execute();
  }
  await applyChannelMoves(trx, of('channel'), at);
  const versionIds = [...published, ...changed].map((p) => p.subject_id);
  for (const { subject_id } of of('revocation')) versionIds.push(...(await markRevoked(trx, subject_id)));
  if (versionIds.length > 0) await refreshWorkflows(trx, versionIds);
  for (const { id, leaf } of [...of('revocation'), ...of('policy')])
    await withdrawOvertaken(trx, leaf.ns, id);
}

/** What every leaf leaves behind, and every publish beside it, in one statement: audit, versions, events, and word of them. */
async function placeRows(
  trx: Trx,
  { realm, placed, published, checkpointSize, at }: PlacedRows,
): Promise<void> {
  await sql`
    with audited as (
      update audit set log_index = x.index
      from unnest(${placed.map((p) => p.audit_id)}::bigint[], ${placed.map((p) => p.index)}::bigint[])
        as x(id, index) where audit.id = x.id
    ), versioned as (
      update versions set log_index = x.index, checkpoint_size = ${checkpointSize}, published_at = ${at}
      from unnest(${published.map((p) => p.subject_id)}::bigint[], ${published.map((p) => p.index)}::bigint[])
        as x(id, index) where versions.id = x.id
    ), told as (${insertingEvents(placedEvents(realm, placed, at))})
    select ${notifying(placed.map(touchOf))}`.execute(trx);
}

interface PlacedRows {
  readonly realm: string;
  readonly placed: readonly PlacedLeaf[];
  /** Those that are publishes. */
  readonly published: readonly PlacedLeaf[];
  readonly checkpointSize: number;
  readonly at: Date;
}

/** What follows from a leaf: an event of the namespace may bear on everything in it. */
export function touchOf({ leaf }: Pick<PlacedLeaf, 'leaf'>): Touch {
  return 'name' in leaf ? { ns: leaf.ns, name: leaf.name } : { ns: leaf.ns };
}

/** The events that leaves are which have got their places. */
export function placedEvents(
  realm: string,
  placed: readonly Pick<PlacedLeaf, 'leaf' | 'index'>[],
  at: Date,
): readonly PlacedEvent[] {
  return placed.flatMap(({ leaf, index }) => {
    const event = eventOf(leaf);
    return event === undefined ? [] : [{ ...event, realm, logIndex: index, namespace: leaf.ns, at }];
  });
}

/** The tables whose rows only get their index. */
const INDEXED = [
  ['namespace', 'namespaces'],
  ['key', 'keys'],
  ['revocation', 'key_revocations'],
  ['policy', 'namespace_policies'],
  ['transfer', 'ownership_transfers'],
  ['ephemeral', 'ephemeral_keys'],
] as const;

async function setIndex(
  trx: Trx,
  table: (typeof INDEXED)[number][1],
  rows: readonly { id: number; index: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update ${sql.table(table)} as t set log_index = x.index
    from unnest(${rows.map((r) => r.id)}::bigint[], ${rows.map((r) => r.index)}::bigint[]) as x(id, index)
    where t.id = x.id`.execute(trx);
}
