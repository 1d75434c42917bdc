import { CreatedTokenSchema, CreateTokenSchema, TokenListSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { createTokenRoute } from './create.js';
import { listTokensRoute } from './list.js';
import { revokeTokenRoute } from './revoke.js';

/** Personal access tokens. */
export function tokenRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/tokens',
      handler: createTokenRoute(deps),
      operation: {
        id: 'createToken',
        summary: 'Create a personal access token, never stronger than the one that asks',
        tag: 'access',
        access: 'signed-in',
        request: { mediaType: 'application/json', schema: CreateTokenSchema },
        responses: { 201: { description: 'The token, shown once', schema: CreatedTokenSchema } },
        problems: ['auth.scope_missing', 'auth.not_fresh', 'token.lifetime_refused'],
      },
    },
    {
      method: 'get',
      path: '/v1/tokens',
      handler: listTokensRoute(deps),
      operation: {
        id: 'listTokens',
        summary: "The caller's tokens, without their secrets",
        tag: 'access',
        access: 'signed-in',
        responses: { 200: { description: 'The tokens', schema: TokenListSchema } },
        problems: ['auth.scope_missing'],
      },
    },
    {
      method: 'delete',
      path: '/v1/tokens/:id',
      handler: revokeTokenRoute(deps),
      operation: {
        id: 'revokeToken',
        summary: "Revoke one of the caller's tokens",
        tag: 'access',
        access: 'signed-in',
        responses: { 204: { description: 'It is revoked, or there was none' } },
        problems: ['auth.scope_missing'],
      },
    },
  ];
}
