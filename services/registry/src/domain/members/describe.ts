import type { Invitation } from '@sheaf/client/contract';
import type { InvitationRow } from '../../db/invitation-queries.js';

/** An invitation as the API shows it. */
export function describeInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    namespace: row.namespace,
    user: row.user,
    role: row.role,
    ...(row.is_transfer && { transfer: true as const }),
    invitedBy: row.inviter,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
