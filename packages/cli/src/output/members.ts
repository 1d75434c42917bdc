import type { Invitation, Member } from '@sheaf/client/contract';
import type { Look } from '../frame/command.js';
import { renderTable, type Cell, type Column } from '../terminal/table.js';
import { plural } from '../terminal/text.js';

const DAY_MS = 24 * 60 * 60 * 1000;

type ListLook = Pick<Look, 'columns' | 'nowMs'>;

const INVITATION_COLUMNS: readonly Column[] = [{}, {}, { least: 20 }, { drop: 1 }];

/** A line an invitation: `12  acme  publisher, invited by ana  13 days left`. */
export function describeInvitations(invitations: readonly Invitation[], look: ListLook): string {
  const rows = invitations.map((one): readonly Cell[] => {
    const { id, namespace, role, transfer, invitedBy } = one;
    const what = transfer === true ? 'to become the owner in place of' : `${role}, invited by`;
    return [String(id), namespace, `${what} ${invitedBy}`, leftOf(one, look)];
  });
  return renderTable(INVITATION_COLUMNS, rows, look);
}

/** One line for each member, then for each who is invited. */
export function describeMembers(
  members: readonly Member[],
  invitations: readonly Invitation[],
  look: ListLook,
): string {
  const rows: readonly (readonly Cell[])[] = [
    ...members.map(({ user, role }) => [user, role, '']),
    ...invitations.map((one) => {
      const what = one.transfer === true ? 'is offered the namespace' : `invited as ${one.role}`;
      return [one.user, what, leftOf(one, look)];
    }),
  ];
  return renderTable([{}, {}, { drop: 1 }], rows, look);
}

function leftOf({ expiresAt }: Invitation, { nowMs }: ListLook): Cell {
  const days = Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / DAY_MS));
  return { text: `${plural(days, 'day')} left`, full: expiresAt };
}
