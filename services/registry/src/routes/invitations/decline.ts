import type { AppDeps } from '../../app-deps.js';
import { declineInvitation } from '../../domain/members/invitations.js';
import type { Handler } from '../../http/context.js';
import { callerOf } from '../params.js';
import { invitationId } from './id.js';

/** `DELETE /v1/invitations/{id}`: decline. */
export function declineInvitationRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    await declineInvitation(deps, callerOf(ctx), invitationId(ctx));
    ctx.status = 204;
  };
}
