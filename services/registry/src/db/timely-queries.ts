import type { Transaction } from 'kysely';
import type { DrainedLeaf } from './log-queries.js';
import type { Database } from './schema.js';
import { withdrawVersion } from './withdrawals.js';

type Trx = Transaction<Database>;

/** What is known of a leaf when it leaves the queue. */
type Drained = Pick<DrainedLeaf, 'leaf' | 'subject_kind' | 'subject_id' | 'group_id'>;

/**
 * Of the leaves that are about to be placed at a time, those that no ephemeral key is too old for: a publish that waited
 * longer than the key which signed it counts is withdrawn, with what was published together with it, and so is such a key
 * itself. No verifier would take them, and the log would hold them for ever.
 */
export async function admitTimely<D extends Drained>(
  trx: Trx,
  realm: string,
  drained: readonly D[],
  timeSeconds: number,
): Promise<readonly D[]> {
  const keyIds = drained.flatMap(({ leaf }) => (leaf.type === 'publish' ? leaf.keyids : []));
  const endOf = keyIds.length === 0 ? new Map<string, number>() : await endsOf(trx, realm, keyIds);
  const isLate = ({ leaf }: D): boolean => {
    if (leaf.type === 'key.ephemeral') return timeSeconds > leaf.exp;
    if (leaf.type !== 'publish') return false;
    return leaf.keyids.some((id) => timeSeconds > (endOf.get(`${leaf.ns} ${id}`) ?? Infinity));
  };
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

/** When the ephemeral ones among these keys end, in seconds, by namespace and key id. */
async function endsOf(
  trx: Trx,
  realm: string,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await trx
    .selectFrom('ephemeral_keys as k')
    .innerJoin('namespaces as n', 'n.id', 'k.namespace_id')
    .select(['n.name as namespace', 'k.key_id', 'k.expires_at'])
    .where('n.realm', '=', realm)
    .where('k.key_id', 'in', [...new Set(keyIds)])
    .execute();
  return new Map(rows.map((key) => [`${key.namespace} ${key.key_id}`, key.expires_at.getTime() / 1000]));
}
