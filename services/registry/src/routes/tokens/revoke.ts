import type { AppDeps } from '../../app-deps.js';
import { authorize } from '../../domain/access/authorization.js';
import { revokeOwnToken } from '../../domain/access/tokens.js';
import type { Handler } from '../../http/context.js';

/** `DELETE /v1/tokens/{id}`: revoke one of the caller's tokens. An unknown one is gone already: 204 as well. */
export function revokeTokenRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    authorize(principal, 'token.manage');
    await revokeOwnToken(deps, principal.userId, ctx.params['id'] ?? '');
    ctx.status = 204;
  };
}
