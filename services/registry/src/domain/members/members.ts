import type { Member, MemberList, Role } from '@sheaf/client/contract';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import { deleteInvitationsBy, listInvitationsInto } from '../../db/invitation-queries.js';
import {
  countOwners,
  deleteMember,
  findRole,
  listMembers,
  lockMembers,
  setRole,
} from '../../db/member-queries.js';
import { authorize } from '../access/authorization.js';
import type { Caller, Person, Principal } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { removePublishersOf } from '../trusted/remove-with-owner.js';
import { stopWebhooks } from '../webhooks/stop.js';
import { describeInvitation } from './describe.js';
import { getNamespace, getUser } from './people.js';
import { lockMembersAsOwner } from './still-owner.js';

export interface MemberDeps {
  readonly db: Db;
  readonly now: () => number;
}

/**
 * Who is a member, and for owners who is invited.
 *
 * @throws RegistryError `namespace.not_found` and what `authorize` throws
 */
export async function describeMembers(
  { db, now }: MemberDeps,
  principal: Principal | undefined,
  namespace: string,
): Promise<MemberList> {
  authorize(principal, 'namespace.read', { namespace });
  if (principal.via === 'trusted')
    throw new RegistryError('auth.role_missing', 'a trusted publisher does not see who is a member');
  const { id } = await getNamespace(db, namespace);
  const members = await listMembers(db, id);
  if (!principal.isAdmin && principal.roles.get(namespace) !== 'owner') return { members };
  const invitations = await listInvitationsInto(db, id, new Date(now()));
  return { members, invitations: invitations.map(describeInvitation) };
}

/**
 * Changes the role of a member.
 *
 * @throws RegistryError `member.not_found`, `member.last_owner`, `user.not_found`, `namespace.not_found` and what
 *   `authorize` throws
 */
export async function changeRole(
  { db }: MemberDeps,
  { principal, requestId }: Caller,
  request: { readonly namespace: string; readonly user: string; readonly role: Role },
): Promise<Member> {
  const { namespace: name, role } = request;
  authorize(principal, 'member.manage', { namespace: name });
  const namespace = await getNamespace(db, name);
  const user = await getUser(db, request.user);
  return db.transaction().execute(async (trx) => {
    await lockMembersAsOwner(trx, namespace, principal);
    const before = await findRole(trx, namespace.id, user.id);
    if (before === undefined) throw noMember(user.name, name);
    if (before === role) return { user: user.name, role };
    if (before === 'owner') {
      if ((await countOwners(trx, namespace.id)) < 2) throw lastOwner(user.name, name);
      await endOwnership(trx, { principal, requestId }, { namespace, owner: user });
    }
    await setRole(trx, namespace.id, user.id, role);
    const detail = { user: user.name, role, before };
    await insertAudit(trx, { principal, requestId, action: 'member.change', namespace: name, detail });
    return { user: user.name, role };
  });
}

/**
 * Removes a member; everybody may remove themselves. Somebody who is no member is gone already.
 *
 * @throws RegistryError `member.last_owner`, `user.not_found`, `namespace.not_found` and what `authorize` throws
 */
export async function removeMember(
  { db }: MemberDeps,
  { principal, requestId }: Caller,
  request: { readonly namespace: string; readonly user: string },
): Promise<void> {
  const { namespace: name } = request;
  const isLeaving = principal?.userId != null && principal.user === request.user;
  authorize(principal, isLeaving ? 'member.leave' : 'member.manage', { namespace: name });
  const namespace = await getNamespace(db, name);
  const user = await getUser(db, request.user);
  await db.transaction().execute(async (trx) => {
    if (isLeaving) await lockMembers(trx, namespace.id);
    else await lockMembersAsOwner(trx, namespace, principal);
    const before = await findRole(trx, namespace.id, user.id);
    if (before === undefined) return;
    if (before === 'owner' && (await countOwners(trx, namespace.id)) < 2) throw lastOwner(user.name, name);
    await deleteMember(trx, namespace.id, user.id);
    await endOwnership(trx, { principal, requestId }, { namespace, owner: user });
    const detail = { user: user.name, before };
    await insertAudit(trx, { principal, requestId, action: 'member.remove', namespace: name, detail });
  });
}

/** What an owner has set up ends with their ownership: their repository would go on publishing, their URL being told. */
async function endOwnership(
  trx: Transaction<Database>,
  by: { readonly principal: Person; readonly requestId: string },
  { namespace, owner }: { readonly namespace: Named; readonly owner: Named },
): Promise<void> {
  await deleteInvitationsBy(trx, namespace.id, owner.id);
  await removePublishersOf(trx, { ...by, namespace: namespace.name, owner });
  await stopWebhooks(trx, by, {
    namespaceId: namespace.id,
    directedBy: owner.id,
    reason: `${owner.name} does not own the namespace any more`,
  });
}

interface Named {
  readonly id: number;
  readonly name: string;
}

function noMember(user: string, namespace: string): RegistryError {
  return new RegistryError('member.not_found', `${user} is no member of ${namespace}: invite them`);
}

function lastOwner(user: string, namespace: string): RegistryError {
  return new RegistryError('member.last_owner', `${user} is the only owner of ${namespace}`);
}
