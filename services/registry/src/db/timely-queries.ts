import type { Transaction } from 'kysely';
import type { DrainedLeaf } from './log-queries.js';
import type { Database } from './schema.js';
import { withdrawVersion } from './withdrawals.js';

type Trx = Transaction<Database>;

/** What is known of a leaf when it leaves the queue. */
type Drained = Pick<DrainedLeaf, 'leaf' | 'subject_kind' | 'subject_id' | 'group_id' | 'signersEnd'>;

/**
 * Of the leaves that are about to be placed at a time, those that no ephemeral key is too old for: a publish that waited
 * longer than the key which signed it counts is withdrawn, with what was published together with it, and so is such a key
 * itself. No verifier would take them, and the log would hold them for ever.
 */
export async function admitTimely<D extends Drained>(
  trx: Trx,
  drained: readonly D[],
  timeSeconds: number,
): Promise<readonly D[]> {
  const isLate = ({ leaf, signersEnd = Infinity }: D): boolean =>
    timeSeconds > (leaf.type === 'key.ephemeral' ? leaf.exp : signersEnd);
  const groups = new Set(drained.filter(isLate).map(({ group_id }) => group_id));
  const late = new Set(
    drained.filter((entry) => isLate(entry) || (entry.group_id !== null && groups.has(entry.group_id))),
  );
  for (const { subject_kind, subject_id } of late) {
    if (subject_kind === 'version') await withdrawVersion(trx, subject_id);
    else await trx.deleteFrom('ephemeral_keys').where('id', '=', subject_id).execute();
  }
  return late.size === 0 ? drained : drained.filter((entry) => !late.has(entry));
}
