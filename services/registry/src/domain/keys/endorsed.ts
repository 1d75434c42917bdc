import { endorsedBy, parseLeaf, type KeyEvent, type KeyId } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { keysOf } from '../../db/key-queries.js';
import { leavesAt } from '../../db/log-queries.js';

/**
 * After a key was revoked as compromised: the active keys that it vouched for from that index on, itself or through
 * others. They may be the thief's. None for any other event.
 */
export async function endorsedByStolen(
  db: Db,
  namespace: { readonly id: number; readonly realm: string },
  event: KeyEvent,
): Promise<readonly KeyId[]> {
  if (event.type !== 'key.revoke' || event.fromIndex === undefined) return [];
  const keys = await keysOf(db, namespace.id);
  const leaves = await leavesAt(
    db,
    namespace.realm,
    keys.map((key) => key.log_index),
  );
  const revoked = new Set<string>(keys.filter((k) => k.revocations.length > 0).map((k) => k.key_id));
  const added = leaves.flatMap(({ index, leaf: bytes }) => {
    const leaf = parseLeaf(bytes);
    if (leaf.type !== 'key.add') return [];
    return [{ keyid: leaf.keyid, addedAt: index, by: leaf.by, isActive: !revoked.has(leaf.keyid) }];
  });
  return endorsedBy(added, event.keyid, event.fromIndex);
}
