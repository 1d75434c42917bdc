import { publicKeyFromRaw, spkiOf } from '@sheaf/bundle';
import type { NamespaceDocument } from '@sheaf/client/contract';
import type { Db } from '../../db/connection.js';
import { keysOf, policiesOf, type RevocationRow } from '../../db/key-queries.js';

/** The keys of a namespace in the order of the log, and how many of them must sign, as far as the log has confirmed it. */
export async function describeKeys(
  db: Db,
  namespaceId: number,
): Promise<Pick<NamespaceDocument, 'threshold' | 'keys'>> {
  const keys = await keysOf(db, namespaceId);
  const policies = await policiesOf(db, namespaceId);
  return {
    threshold: policies.find((p) => p.log_index !== null)?.threshold ?? 1,
    keys: keys.map((key) => ({
      id: key.key_id,
      publicKey: Buffer.from(spkiOf(publicKeyFromRaw(key.public_key))).toString('base64'),
      addedAt: key.created_at.toISOString(),
      logIndex: key.log_index,
      ...(key.is_recovery && { recovery: true as const }),
      ...describeRevocation(key.revocations),
    })),
  };
}

/** The newest that the log has confirmed: it refuses the most. */
function describeRevocation(revocations: readonly RevocationRow[]) {
  const revocation = revocations.findLast((r) => r.log_index !== null);
  if (revocation === undefined || revocation.log_index === null) return {};
  const { reason, from_index, log_index, created_at } = revocation;
  return {
    revoked: {
      reason,
      ...(from_index !== null && { fromIndex: from_index }),
      logIndex: log_index,
      at: created_at.toISOString(),
    },
  };
}
