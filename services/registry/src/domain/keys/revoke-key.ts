import type { KeyRevokeEvent } from '@sheaf/bundle';
import { findKey, insertRevocation } from '../../db/key-queries.js';
import { findLogState } from '../../db/log-queries.js';
import type { Change, ChangeContext } from './change.js';
import { decideRevoke } from './rules.js';

/** Revokes a key, for the first time or more strictly; undefined when it is revoked so already. @throws RegistryError as {@link decideRevoke} */
export async function revokeKey(context: ChangeContext<KeyRevokeEvent>): Promise<Change | undefined> {
  const { trx, namespace, signed, signers, view } = context;
  const { keyid, reason, fromIndex, recovery } = signed.event;
  const size = (await findLogState(trx, namespace.realm))?.size ?? 0;
  const by = decideRevoke(view, signed.event, signers, size);
  if (!by) return undefined;
  const key = await findKey(trx, namespace.id, keyid);
  if (!key) throw new Error(`the key ${keyid} cannot be found`);
  const subjectId = await insertRevocation(trx, {
    key_id: key.id,
    reason,
    from_index: fromIndex ?? null,
    event: signed.bytes,
    revoked_by: context.userId,
  });
  return {
    leaf: {
      type: 'key.revoke',
      ns: namespace.name,
      keyid,
      reason,
      ...(fromIndex !== undefined && { fromIndex }),
      by,
      event: signed.digest,
      ...(recovery && { recovery }),
    },
    subjectKind: 'revocation',
    subjectId,
    action: 'key.revoke',
    topic: 'key.revoked',
    detail: {
      key: keyid,
      reason,
      ...(fromIndex !== undefined && { fromIndex: String(fromIndex) }),
      ...(recovery && { recovery: 'true' }),
    },
  };
}
