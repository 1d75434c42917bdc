import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.js';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import { refreshWorkflows } from './workflow-queries.js';

type Trx = Transaction<Database>;

/** A leaf that has just got its index, and the row that it speaks of. */
export interface PlacedLeaf {
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
  placed: readonly PlacedLeaf[],
  checkpointSize: number,
  at: Date,
): Promise<void> {
  await setIndex(
    trx,
    'audit',
    placed.map((p) => ({ id: p.audit_id, index: p.index })),
  );
  const of = (kind: PlacedLeaf['subject_kind']) => placed.filter((p) => p.subject_kind === kind);
  await setIndex(
    trx,
    'namespaces',
    of('namespace').map((p) => ({ id: p.subject_id, index: p.index })),
  );
  await setIndex(
    trx,
    'keys',
    of('key').map((p) => ({ id: p.subject_id, index: p.index })),
  );
  const published = of('version');
  if (published.length > 0) {
    const indices = sql`unnest(${published.map((p) => p.subject_id)}::bigint[], ${published.map((p) => p.index)}::bigint[])`;
    await sql`
      update versions set log_index = x.index, checkpoint_size = ${checkpointSize}, published_at = ${at}
      from ${indices} as x(id, index) where versions.id = x.id`.execute(trx);
  }
  const changed = of('state');
  for (const { leaf, subject_id } of changed) {
    await trx.updateTable('versions').set(stateAfter(leaf)).where('id', '=', subject_id).execute();
  }
  const versionIds = [...published, ...changed].map((p) => p.subject_id);
  if (versionIds.length > 0) await refreshWorkflows(trx, versionIds);
}

function stateAfter(leaf: QueuedLeaf) {
  if (leaf.type === 'deprecate')
    return { state: 'deprecated', reason: leaf.reason, replacement: leaf.replacement ?? null } as const;
  if (leaf.type === 'undeprecate') return { state: 'active', reason: null, replacement: null } as const;
  throw new Error(`a ${leaf.type} leaf changes no state`);
}

async function setIndex(
  trx: Trx,
  table: 'audit' | 'namespaces' | 'keys',
  rows: readonly { id: number; index: number }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update ${sql.table(table)} as t set log_index = x.index
    from unnest(${rows.map((r) => r.id)}::bigint[], ${rows.map((r) => r.index)}::bigint[]) as x(id, index)
    where t.id = x.id`.execute(trx);
}
