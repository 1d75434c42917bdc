import { InviteSchema, TransferSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { invite, offerTransfer, withdrawInvitation } from '../../domain/members/invitations.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { invitationId } from '../invitations/id.js';
import { callerOf } from '../params.js';
import { readableNamespace } from '../readable.js';

const readInvite = jsonBodyOf(InviteSchema);
const readTransfer = jsonBodyOf(TransferSchema);

/** `POST /v1/namespaces/{namespace}/invitations`: invite somebody by name. */
export function inviteRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    const request = await readInvite(ctx);
    sendResult(ctx, 201, await invite(deps, callerOf(ctx), { namespace, ...request }));
  };
}

/** `DELETE /v1/namespaces/{namespace}/invitations/{id}`: take an invitation back. */
export function withdrawInvitationRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    await withdrawInvitation(deps, callerOf(ctx), { namespace, id: invitationId(ctx) });
    ctx.status = 204;
  };
}

/** `POST /v1/namespaces/{namespace}/transfer`: offer the namespace to another owner. */
export function offerTransferRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    const { to } = await readTransfer(ctx);
    sendResult(ctx, 201, await offerTransfer(deps, callerOf(ctx), { namespace, to }));
  };
}
