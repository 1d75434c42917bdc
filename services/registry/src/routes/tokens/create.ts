import { CreateTokenSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { authorize } from '../../domain/access/authorization.js';
import { assertMayDelegate } from '../../domain/access/delegation.js';
import { expiryOf } from '../../domain/access/token-lifetime.js';
import { createOwnToken } from '../../domain/access/tokens.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';

const readRequest = jsonBodyOf(CreateTokenSchema);

/** `POST /v1/tokens`: create a personal access token, never stronger than the one that asks. */
export function createTokenRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal, requestId } = ctx.state;
    authorize(principal, 'token.manage');
    const { name, ...request } = await readRequest(ctx);
    const scopes = request.scopes ?? [...principal.token.scopes];
    for (const scope of scopes) assertMayDelegate(principal, scope, deps.now());
    const expiresAt = expiryOf(deps.signIn.tokens, principal, request, deps.now());
    const { id, token } = await createOwnToken(deps, { principal, requestId }, { name, scopes, expiresAt });
    sendResult(ctx, 201, {
      id,
      name,
      scopes,
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      token,
    });
  };
}
