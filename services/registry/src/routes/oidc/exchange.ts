import { OidcExchangeSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { exchangeToken } from '../../domain/trusted/exchange.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';

const readRequest = jsonBodyOf(OidcExchangeSchema);

/** `POST /v1/oidc/exchange`: an identity token for an access token that is bound to a key in the log. */
export function exchangeRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const request = await readRequest(ctx);
    ctx.set('Cache-Control', 'no-store');
    sendResult(ctx, 201, await exchangeToken(deps, request, ctx.state.requestId));
  };
}
