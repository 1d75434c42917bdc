import { SetMemberSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { changeRole, describeMembers, removeMember } from '../../domain/members/members.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';
import { readableNamespace } from '../readable.js';

const readChange = jsonBodyOf(SetMemberSchema);

/** `GET /v1/namespaces/{namespace}/members`. */
export function listMembersRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    sendResult(ctx, 200, await describeMembers(deps, ctx.state.principal, namespace));
  };
}

/** `PUT /v1/namespaces/{namespace}/members/{user}`: change the role of a member. */
export function setMemberRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    const { role } = await readChange(ctx);
    const user = ctx.params['user'] ?? '';
    sendResult(ctx, 200, await changeRole(deps, callerOf(ctx), { namespace, user, role }));
  };
}

/** `DELETE /v1/namespaces/{namespace}/members/{user}`: remove a member, or leave. */
export function removeMemberRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const namespace = await readableNamespace(deps, ctx);
    await removeMember(deps, callerOf(ctx), { namespace, user: ctx.params['user'] ?? '' });
    ctx.status = 204;
  };
}
