import type { AppDeps } from '../../app-deps.js';
import { acceptInvitation } from '../../domain/members/accept.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';
import { invitationId } from './id.js';

/** `POST /v1/invitations/{id}/accept`: become a member, or the owner. */
export function acceptInvitationRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    sendResult(ctx, 200, await acceptInvitation(deps, callerOf(ctx), invitationId(ctx)));
  };
}
