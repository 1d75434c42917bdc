import { ExchangedTokenSchema, OidcExchangeSchema, TrustedIssuerListSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { exchangeRoute } from './exchange.js';
import { issuersRoute } from './issuers.js';

/** Trusted publishing, as the CI job sees it. */
export function oidcRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/oidc/issuers',
      handler: issuersRoute(deps),
      operation: {
        id: 'listTrustedIssuers',
        summary: 'Whose identity tokens count here, and for whom they must be',
        tag: 'trusted publishing',
        access: 'public',
        responses: {
          200: { description: 'The issuers', schema: TrustedIssuerListSchema, isRepresentation: true },
        },
        problems: [],
      },
    },
    {
      method: 'post',
      path: '/v1/oidc/exchange',
      handler: exchangeRoute(deps),
      operation: {
        id: 'exchangeIdentityToken',
        summary:
          'Exchange an identity token for an access token of a quarter of an hour, bound to a key in the log',
        tag: 'trusted publishing',
        access: 'public',
        request: { mediaType: 'application/json', schema: OidcExchangeSchema },
        responses: { 201: { description: 'The token; its key is in the log', schema: ExchangedTokenSchema } },
        problems: [
          'oidc.issuer_unknown',
          'oidc.issuer_down',
          'oidc.token_invalid',
          'oidc.audience',
          'oidc.expired',
          'oidc.not_yet_valid',
          'oidc.replayed',
          'oidc.proof_invalid',
          'oidc.key_used',
          'oidc.no_publisher',
          'oidc.identity_mismatch',
          'oidc.claims_mismatch',
          'quota.exceeded',
          'namespace.not_found',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
  ];
}
