import type { TokenList } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { listOwnTokens } from '../../domain/access/issue-token.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

/** `GET /v1/tokens`: the caller's tokens, without their secrets. */
export function listTokensRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const list: TokenList = { tokens: await listOwnTokens(deps, callerOf(ctx)) };
    sendResult(ctx, 200, list);
  };
}
