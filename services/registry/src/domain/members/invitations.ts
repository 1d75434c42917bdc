import type { Invitation, Role } from '@sheaf/client/contract';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import {
  deleteInvitation,
  findInvitation,
  listInvitationsInto,
  listInvitationsOf,
  putInvitation,
  type InvitationRow,
} from '../../db/invitation-queries.js';
import { findRole } from '../../db/member-queries.js';
import type { Database } from '../../db/schema.js';
import { authorize, authorizeFresh } from '../access/authorization.js';
import type { Caller, Person, Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { describeInvitation } from './describe.js';
import type { MemberDeps } from './members.js';
import { getNamespace, getUser } from './people.js';
import { lockMembersAsOwner } from './still-owner.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 14;
/** A transfer is offered for a week. */
const TRANSFER_DAYS = 7;
/** Into one namespace. */
const MAX_PENDING = 200;

/**
 * Invites somebody by name. Inviting them again replaces the invitation before.
 *
 * @throws RegistryError `member.exists`, `user.not_found`, `namespace.not_found`, `rate.limited` and what `authorize` throws
 */
export async function invite(
  deps: MemberDeps,
  caller: Caller,
  request: {
    readonly namespace: string;
    readonly user: string;
    readonly role: Role;
    readonly expiresInDays?: number | undefined;
  },
): Promise<Invitation> {
  const { principal } = caller;
  authorize(principal, 'member.manage', { namespace: request.namespace });
  const days = request.expiresInDays ?? DEFAULT_DAYS;
  return putOffer(deps, { principal, requestId: caller.requestId }, { ...request, days, isTransfer: false });
}

/**
 * Offers a namespace to somebody, who becomes its owner by accepting; whoever offers it becomes a maintainer then.
 *
 * @throws RegistryError as {@link invite}, and what `authorizeFresh` throws
 */
export async function offerTransfer(
  deps: MemberDeps,
  caller: Caller,
  { namespace, to }: { readonly namespace: string; readonly to: string },
): Promise<Invitation> {
  const { principal } = caller;
  authorizeFresh(principal, 'namespace.transfer', { namespace }, deps.now());
  if (principal.user === to) throw new RegistryError('member.exists', `${namespace} is yours already`);
  const offer = { namespace, user: to, role: 'owner', days: TRANSFER_DAYS, isTransfer: true } as const;
  return putOffer(deps, { principal, requestId: caller.requestId }, offer);
}

interface Offer {
  readonly namespace: string;
  readonly user: string;
  readonly role: Role;
  readonly days: number;
  readonly isTransfer: boolean;
}

async function putOffer(
  { db, now }: MemberDeps,
  { principal, requestId }: { readonly principal: Person; readonly requestId: string },
  offer: Offer,
): Promise<Invitation> {
  const namespace = await getNamespace(db, offer.namespace);
  const user = await getUser(db, offer.user);
  const at = new Date(now());
  return db.transaction().execute(async (trx) => {
    await lockMembersAsOwner(trx, namespace, principal);
    const role = await findRole(trx, namespace.id, user.id);
    if (role !== undefined && !offer.isTransfer)
      throw new RegistryError('member.exists', `${user.name} is ${role} in ${namespace.name} already`);
    const pending = await listInvitationsInto(trx, namespace.id, at);
    if (pending.filter((p) => p.user_id !== user.id).length >= MAX_PENDING)
      throw new RegistryError(
        'rate.limited',
        `${MAX_PENDING} invitations into a namespace wait for an answer`,
      );
    const id = await putInvitation(trx, {
      namespace_id: namespace.id,
      user_id: user.id,
      role: offer.role,
      is_transfer: offer.isTransfer,
      invited_by: principal.userId,
      expires_at: new Date(at.getTime() + offer.days * DAY_MS),
    });
    await insertAudit(trx, {
      principal,
      requestId,
      action: 'member.invite',
      namespace: namespace.name,
      detail: { user: user.name, role: offer.role, ...(offer.isTransfer && { transfer: 'true' }) },
    });
    return describeInvitation(await getInvitation(trx, id, at));
  });
}

/** Takes an invitation back. One that is not there is gone already. @throws RegistryError as {@link invite} */
export async function withdrawInvitation(
  { db, now }: MemberDeps,
  { principal, requestId }: Caller,
  request: { readonly namespace: string; readonly id: number },
): Promise<void> {
  authorize(principal, 'member.manage', { namespace: request.namespace });
  const namespace = await getNamespace(db, request.namespace);
  await db.transaction().execute(async (trx) => {
    await lockMembersAsOwner(trx, namespace, principal);
    const invitation = await findInvitation(trx, request.id, new Date(now()));
    if (invitation?.namespace_id !== namespace.id) return;
    await deleteInvitation(trx, invitation.id);
    await insertAudit(trx, {
      principal,
      requestId,
      action: 'member.uninvite',
      namespace: namespace.name,
      detail: { user: invitation.user, role: invitation.role },
    });
  });
}

/** The caller's invitations. @throws RegistryError what `authorize` throws */
export async function invitationsOf(
  { db, now }: MemberDeps,
  principal: Principal | undefined,
): Promise<readonly Invitation[]> {
  authorize(principal, 'account.read');
  return (await listInvitationsOf(db, principal.userId, new Date(now()))).map(describeInvitation);
}

/** Declines one of the caller's invitations. One that is not there is gone already. @throws RegistryError what `authorize` throws */
export async function declineInvitation(
  { db, now }: MemberDeps,
  { principal, requestId }: Caller,
  id: number,
): Promise<void> {
  authorize(principal, 'invitation.answer');
  await db.transaction().execute(async (trx) => {
    const invitation = await findInvitation(trx, id, new Date(now()));
    if (invitation?.user_id !== principal.userId) return;
    await deleteInvitation(trx, id);
    const { namespace, role } = invitation;
    await insertAudit(trx, { principal, requestId, action: 'member.decline', namespace, detail: { role } });
  });
}

/** @throws RegistryError `invitation.not_found`, also for one that is somebody else's when `userId` is given */
export async function getInvitation(
  trx: Transaction<Database>,
  id: number,
  at: Date,
  userId?: number,
): Promise<InvitationRow> {
  const invitation = await findInvitation(trx, id, at);
  if (!invitation || (userId !== undefined && invitation.user_id !== userId))
    throw new RegistryError('invitation.not_found', `there is no invitation ${id} for you`);
  return invitation;
}
