import type { TokenList } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { authorize } from '../../domain/access/authorization.js';
import { tokensOf } from '../../domain/access/tokens.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';

/** `GET /v1/tokens`: the caller's tokens, without their secrets. */
export function listTokensRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    authorize(principal, 'token.manage');
    const rows = await tokensOf(deps, principal.userId);
    const list: TokenList = {
      tokens: rows.map((row) => ({
        id: row.id,
        name: row.name,
        scopes: row.scopes,
        createdAt: row.created_at.toISOString(),
        ...(row.expires_at && { expiresAt: row.expires_at.toISOString() }),
        ...(row.last_used_at && { lastUsedAt: row.last_used_at.toISOString() }),
      })),
    };
    sendResult(ctx, 200, list);
  };
}
