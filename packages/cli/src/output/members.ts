import type { Invitation, Member } from '@sheaf/client/contract';
import { printable } from '../terminal/escape.js';
import { padTo, plural } from '../terminal/text.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `12  acme  publisher  invited by ana, 13 days left`. */
export function describeInvitation(invitation: Invitation, nowMs: number): string {
  const { id, namespace, role, transfer, invitedBy } = invitation;
  const what = transfer === true ? 'to become the owner in place of' : `${role}, invited by`;
  return `${id}  ${printable(namespace)}  ${what} ${printable(invitedBy)}, ${leftOf(invitation, nowMs)}`;
}

/** One line for each member, then for each who is invited. */
export function describeMembers(
  members: readonly Member[],
  invitations: readonly Invitation[],
  nowMs: number,
): string {
  const width = Math.max(0, ...[...members, ...invitations].map(({ user }) => user.length));
  return [
    ...members.map(({ user, role }) => `${padTo(printable(user), width)}  ${role}`),
    ...invitations.map((one) => {
      const what = one.transfer === true ? 'is offered the namespace' : `invited as ${one.role}`;
      return `${padTo(printable(one.user), width)}  ${what}, ${leftOf(one, nowMs)}`;
    }),
  ].join('\n');
}

function leftOf({ expiresAt }: Invitation, nowMs: number): string {
  return `${plural(Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / DAY_MS)), 'day')} left`;
}
