import {
  CreateTrustedPublisherSchema,
  TrustedPublisherListSchema,
  TrustedPublisherSchema,
} from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Operation } from '../../http/operation.js';
import type { Route } from '../route.js';
import { createPublisherRoute } from './create.js';
import { listPublishersQuery, listPublishersRoute } from './list.js';
import { removePublisherRoute } from './remove.js';

const common = { tag: 'trusted publishing', access: 'signed-in' } as const satisfies Partial<Operation>;

/** Who may publish without a person: what owners say of CI jobs. */
export function trustedPublisherRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/trusted-publishers',
      handler: createPublisherRoute(deps),
      operation: {
        ...common,
        id: 'createTrustedPublisher',
        summary: 'Let whoever an issuer names publish in a namespace, which the first publish may create',
        request: { mediaType: 'application/json', schema: CreateTrustedPublisherSchema },
        responses: {
          200: { description: 'The very same is there', schema: TrustedPublisherSchema },
          201: { description: 'The trusted publisher', schema: TrustedPublisherSchema },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'namespace.name_refused',
          'oidc.issuer_unknown',
          'publisher.refused',
          'publisher.too_many',
        ],
      },
    },
    {
      method: 'get',
      path: '/v1/trusted-publishers',
      handler: listPublishersRoute(deps),
      operation: {
        ...common,
        id: 'listTrustedPublishers',
        summary: 'The trusted publishers of a namespace, for its owners',
        query: listPublishersQuery,
        responses: { 200: { description: 'The trusted publishers', schema: TrustedPublisherListSchema } },
        problems: ['auth.scope_missing', 'auth.role_missing'],
      },
    },
    {
      method: 'delete',
      path: '/v1/trusted-publishers/:id',
      handler: removePublisherRoute(deps),
      operation: {
        ...common,
        id: 'removeTrustedPublisher',
        summary: 'Remove a trusted publisher, with the keys and tokens that it was given',
        responses: { 204: { description: 'It is removed, or there was none' } },
        problems: ['auth.scope_missing', 'auth.role_missing'],
      },
    },
  ];
}
