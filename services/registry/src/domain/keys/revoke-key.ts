import type { KeyRevokeEvent } from '@sheaf/bundle';
import { findKey, insertRevocation, newlyRefused } from '../../db/key-queries.js';
import { findLogState } from '../../db/log-queries.js';
import { RegistryError } from '../error.js';
import { authorizeRecovery } from '../access/authorization.js';
import type { Change, ChangeContext } from './change.js';
import { decideRevoke } from './rules.js';

/**
 * Revokes a key, for the first time or more strictly; undefined when it is revoked so already. A revocation that refuses
 * releases that are published takes an owner with fresh authentication, whatever signed it: it cannot be taken back, and
 * a stolen key alone must not be able to refuse what its namespace ever published.
 *
 * @throws RegistryError as {@link decideRevoke}; `auth.role_missing` or `key.recovery_refused`
 */
export async function revokeKey(context: ChangeContext<KeyRevokeEvent>): Promise<Change | undefined> {
  const { trx, namespace, signed, signers, view } = context;
  const { keyid, reason, fromIndex, recovery } = signed.event;
  const size = (await findLogState(trx, namespace.realm))?.size ?? 0;
  const by = decideRevoke(view, signed.event, signers, size);
  if (!by) return undefined;
  const key = await findKey(trx, namespace.id, keyid);
  if (!key) throw new Error(`the key ${keyid} cannot be found`);
  if (fromIndex !== undefined) {
    const refused = await newlyRefused(trx, namespace.id, { keyId: keyid, fromIndex });
    if (refused > 0) assertFresh(context, refused);
  }
  const subjectId = await insertRevocation(trx, {
    key_id: key.id,
    reason,
    from_index: fromIndex ?? null,
    event: signed.bytes,
    revoked_by: context.principal.userId,
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
    detail: {
      key: keyid,
      reason,
      ...(fromIndex !== undefined && { fromIndex: String(fromIndex) }),
      ...(recovery && { recovery: 'true' }),
    },
  };
}

function assertFresh({ principal, namespace, nowMs }: ChangeContext<KeyRevokeEvent>, refused: number): void {
  try {
    authorizeRecovery(principal, namespace.name, nowMs);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const what = refused === 1 ? 'a published release' : `${refused} published releases`;
    throw new RegistryError(
      error.code,
      `the revocation refuses ${what}, which takes an owner with fresh authentication: ${error.message}`,
      { cause: error },
    );
  }
}
