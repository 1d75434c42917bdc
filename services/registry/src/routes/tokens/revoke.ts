import type { AppDeps } from '../../app-deps.js';
import { authorize } from '../../domain/access/authorization.js';
import { revokeOwnToken } from '../../domain/access/tokens.js';
import type { Handler } from '../../http/context.js';

const TOKEN_ID = /^[0-9a-f]{16}$/;

/** `DELETE /v1/tokens/{id}`: revoke one of the caller's tokens. An unknown one is gone already: 204 as well. */
export function revokeTokenRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal, requestId } = ctx.state;
    authorize(principal, 'token.manage');
    const id = ctx.params['id'] ?? '';
    if (TOKEN_ID.test(id)) await revokeOwnToken(deps, { principal, requestId }, id);
    ctx.status = 204;
  };
}
