import { sql, type Transaction } from 'kysely';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import { foresee } from '../domain/releases/transitions.js';
import { reduceUsage } from './limit-queries.js';
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
 * again, under the new rules. What was published together with it is taken back with it.
 */
export async function withdrawOvertaken(trx: Trx, namespace: string, queueId: number): Promise<void> {
  const { rows: withdrawn } = await sql<{ subject_kind: SubjectKind; subject_id: number }>`
    with overtaken as (
      select id, group_id from log_queue
      where namespace = ${namespace} and id < ${queueId} and subject_kind = any(${Object.keys(SIGNED)}::text[]))
    delete from log_queue q
    where q.id in (select id from overtaken)
      or q.group_id in (select group_id from overtaken where group_id is not null)
    returning q.subject_kind, q.subject_id`.execute(trx);
  for (const { subject_kind, subject_id } of withdrawn) {
    if (subject_kind === 'version') await withdrawVersion(trx, subject_id);
    else
      await trx
        .deleteFrom(SIGNED[subject_kind as keyof typeof SIGNED])
        .where('id', '=', subject_id)
        .execute();
  }
}

/** Removes a version that was never seen, and gives back what it was charged. */
export async function withdrawVersion(trx: Trx, id: number): Promise<void> {
  const row = await trx
    .deleteFrom('versions as v')
    .using('workflows as w')
    .whereRef('w.id', '=', 'v.workflow_id')
    .where('v.id', '=', id)
    .returning(['w.namespace_id', 'v.blob_size', 'v.published_token'])
    .executeTakeFirst();
  if (!row) return;
  const subjects = [
    `ns:${row.namespace_id}`,
    ...(row.published_token === null ? [] : [`token:${row.published_token}`]),
  ];
  await reduceUsage(
    trx,
    subjects.map((subject) => ({ subject, bytes: row.blob_size, versions: 1, workflows: 0 })),
  );
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
