import type { InvitationList } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { invitationsOf } from '../../domain/members/invitations.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';

/** `GET /v1/invitations`: those of the caller that are not answered. */
export function listInvitationsRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const list: InvitationList = { invitations: [...(await invitationsOf(deps, ctx.state.principal))] };
    sendResult(ctx, 200, list);
  };
}
