import type { Membership } from '@sheaf/client/contract';
import { parseNamespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import {
  deleteInvitation,
  deleteInvitationsBy,
  findInvitation,
  findTransfer,
  insertTransfer,
  type InvitationRow,
} from '../../db/invitation-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findRole, lockMembers, setRole } from '../../db/member-queries.js';
import type { Database } from '../../db/schema.js';
import { authorize, isAtLeast } from '../access/authorization.js';
import type { Caller, Person } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { assertMayJoin, type MembershipDeps } from '../limits/memberships.js';
import { assertLogOpen, settleLog, type SettleDeps } from '../log/settle.js';
import { removePublishersOf } from '../trusted/remove-with-owner.js';
import { stopWebhooks } from '../webhooks/stop.js';
import { getInvitation } from './invitations.js';

export interface AcceptDeps extends SettleDeps, MembershipDeps {}

/**
 * Accepts one of the caller's invitations. A transfer is answered once the log holds it; accepting it again gives the
 * same answer.
 *
 * @throws RegistryError `invitation.not_found`, `quota.exceeded`, `service.log_lagging`, `log.frozen` and what `authorize` throws
 */
export async function acceptInvitation(deps: AcceptDeps, caller: Caller, id: number): Promise<Membership> {
  const { principal, requestId } = caller;
  authorize(principal, 'invitation.answer');
  const at = new Date(deps.now());
  const offered = await findInvitation(deps.db, id, at);
  if (offered?.is_transfer === true) await assertLogOpen(deps, offered.realm);
  const joined =
    offered &&
    (await deps.db.transaction().execute(async (trx) => {
      await lockMembers(trx, offered.namespace_id);
      const invitation = await getInvitation(trx, id, at, principal.userId);
      assertStillOffered(invitation);
      await deleteInvitation(trx, id);
      return join(trx, deps, { principal, requestId }, invitation);
    }));
  if (joined) {
    const { namespace, realm, visibility, role, transferId } = joined;
    if (transferId !== undefined) await settleLog(deps, realm, { kind: 'transfer', id: transferId });
    return { name: namespace, visibility, role };
  }
  const transfer = await findTransfer(deps.db, id, principal.userId);
  if (!transfer) throw new RegistryError('invitation.not_found', `there is no invitation ${id} for you`);
  await settleLog(deps, transfer.realm, { kind: 'transfer', id: transfer.id });
  return { name: transfer.name, visibility: transfer.visibility, role: 'owner' };
}

/** What somebody has offered who is suspended now waits with them. */
function assertStillOffered({ inviter, inviter_suspended_at: suspendedAt }: InvitationRow): void {
  if (suspendedAt !== null)
    throw new RegistryError('invitation.not_found', `${inviter}, who has offered it, is suspended`);
}

async function join(
  trx: Transaction<Database>,
  deps: MembershipDeps,
  by: { readonly principal: Person; readonly requestId: string },
  invitation: InvitationRow,
) {
  const { namespace_id: id, namespace, role, realm, visibility } = invitation;
  const { userId, user } = by.principal;
  const before = await findRole(trx, id, userId);
  if (before === undefined) await assertMayJoin(trx, deps, { userId, who: user, namespaceId: id });
  if (invitation.is_transfer)
    return { ...(await takeOver(trx, by, invitation)), namespace, realm, visibility };
  // Whoever has become more meanwhile does not become less by an invitation.
  const after = before !== undefined && isAtLeast(before, role) ? before : role;
  await setRole(trx, id, userId, after);
  await insertAudit(trx, { ...by, action: 'member.accept', namespace, detail: { role: after } });
  return { namespace, realm, visibility, role: after, transferId: undefined };
}

async function takeOver(
  trx: Transaction<Database>,
  by: { readonly principal: Person; readonly requestId: string },
  { id: invitationId, namespace_id: id, namespace, realm, invited_by: giver, inviter }: InvitationRow,
) {
  // Only an owner gives away, at the moment at which it happens as well.
  if ((await findRole(trx, id, giver)) !== 'owner')
    throw new RegistryError('invitation.not_found', `${inviter} does not own ${namespace} any more`);
  await setRole(trx, id, by.principal.userId, 'owner');
  await setRole(trx, id, giver, 'maintainer');
  await deleteInvitationsBy(trx, id, giver);
  await removePublishersOf(trx, { ...by, namespace, owner: { id: giver, name: inviter } });
  await stopWebhooks(trx, by, { namespaceId: id, reason: 'the namespace has another owner' });
  const transferId = await insertTransfer(trx, {
    namespace_id: id,
    from_user: giver,
    to_user: by.principal.userId,
    invitation_id: invitationId,
    log_index: null,
  });
  const detail = { from: inviter, to: by.principal.user };
  const auditId = await insertAudit(trx, { ...by, action: 'namespace.transfer', namespace, detail });
  await enqueueLeaf(trx, {
    realm,
    namespace,
    leaf: { type: 'ns.transfer', ns: parseNamespace(namespace) },
    subjectKind: 'transfer',
    subjectId: transferId,
    auditId,
  });
  return { role: 'owner' as const, transferId };
}
