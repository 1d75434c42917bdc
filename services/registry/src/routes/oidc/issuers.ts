import type { TrustedIssuerList } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { kindOf } from '../../domain/trusted/kinds.js';
import type { Handler } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';

/** `GET /v1/oidc/issuers`: whose identity tokens count here, and for whom they must be. */
export function issuersRoute({ trusted }: AppDeps): Handler {
  const list: TrustedIssuerList = {
    issuers: trusted.list.map((known) => {
      const { identity, required } = kindOf(known);
      const { issuer, kind, audience } = known;
      return { issuer, kind, audience, identity: [...identity], required: [...required] };
    }),
  };
  return (ctx) => {
    sendJson(ctx, list, 'public, max-age=300');
    return Promise.resolve();
  };
}
