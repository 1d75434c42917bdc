import type { Transaction } from 'kysely';
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
