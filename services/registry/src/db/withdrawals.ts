import type { Transaction } from 'kysely';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import { foresee } from '../domain/releases/transitions.js';
import type { Database, SubjectKind } from './schema.js';

type Trx = Transaction<Database>;

/** Where the row lies that a signed leaf speaks of, by the kind of its subject. */
const SIGNED = {
  version: 'versions',
  key: 'keys',
  revocation: 'key_revocations',
  policy: 'namespace_policies',
} as const satisfies Partial<Record<SubjectKind, keyof Database>>;

/**
 * Takes back what was signed for a namespace and queued before a revocation or a policy, but has been overtaken by it: a
 * leaf that could not be placed at its turn goes to the end of the queue. It was accepted under rules that ended with
 * the leaf that is being placed now, so it must never get a place after it. Whoever sent it finds nothing there and asks
 * again, under the new rules.
 */
export async function withdrawOvertaken(trx: Trx, namespace: string, queueId: number): Promise<void> {
  const withdrawn = await trx
    .deleteFrom('log_queue')
    .where('namespace', '=', namespace)
    .where('id', '<', queueId)
    .where('subject_kind', 'in', Object.keys(SIGNED) as (keyof typeof SIGNED)[])
    .returning(['subject_kind', 'subject_id'])
    .execute();
  for (const { subject_kind, subject_id } of withdrawn) {
    const table = SIGNED[subject_kind as keyof typeof SIGNED];
    await trx.deleteFrom(table).where('id', '=', subject_id).execute();
  }
}

/** What is known of a leaf when it leaves the queue. */
interface Drained {
  readonly leaf: QueuedLeaf;
  readonly subject_kind: SubjectKind;
  readonly subject_id: number;
}

/**
 * Of the leaves that are about to be placed, in this order, those that may be: a change of a release's state that the
 * state before it does not allow is left out, and so withdrawn. Each was decided upon when it was queued; but one that
 * could not be placed at its turn comes after others than it was decided upon. The caller holds the log's state, so that
 * no release changes meanwhile.
 */
export async function admitStates<D extends Drained>(trx: Trx, drained: readonly D[]): Promise<readonly D[]> {
  const waiting = new Map<number, D[]>();
  for (const entry of drained) {
    if (entry.subject_kind !== 'state') continue;
    const changes = waiting.get(entry.subject_id) ?? [];
    changes.push(entry);
    waiting.set(entry.subject_id, changes);
  }
  if (waiting.size === 0) return drained;
  const refused = new Set<D>();
  const releases = await trx
    .selectFrom('versions')
    .select(['id', 'state', 'reason', 'replacement'])
    .where('id', 'in', [...waiting.keys()])
    .execute();
  for (const { id, ...release } of releases) {
    const changes = waiting.get(id) ?? [];
    const { allowed } = foresee(
      release,
      changes.map(({ leaf }) => leaf),
    );
    for (const [i, entry] of changes.entries()) if (allowed[i] !== true) refused.add(entry);
  }
  return drained.filter((entry) => !refused.has(entry));
}
