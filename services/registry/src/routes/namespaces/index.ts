import {
  CreateNamespaceSchema,
  MEDIA_TYPES,
  NamespaceSchema,
  SignedReleasesSchema,
} from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { createNamespaceRoute } from './create.js';
import { showKeyHistory } from './keys.js';
import { listReleases } from './releases.js';
import { memberRoutes } from './member-routes.js';
import { showNamespace } from './show.js';

/** Namespaces, their keys and what those signed. */
export function namespaceRoutes(deps: AppDeps): readonly Route[] {
  return [
    ...memberRoutes(deps),
    {
      method: 'post',
      path: '/v1/namespaces',
      handler: createNamespaceRoute(deps),
      operation: {
        id: 'createNamespace',
        summary: 'Create a namespace',
        tag: 'namespaces',
        access: 'signed-in',
        request: { mediaType: 'application/json', schema: CreateNamespaceSchema },
        responses: {
          201: { description: 'The new namespace', schema: NamespaceSchema },
          200: { description: 'The caller owned it before', schema: NamespaceSchema },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'namespace.exists',
          'namespace.name_refused',
          'quota.exceeded',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
    {
      method: 'get',
      path: '/v1/namespaces/:namespace',
      handler: showNamespace(deps),
      operation: {
        id: 'showNamespace',
        summary: "A namespace's keys, and the caller's role there",
        tag: 'namespaces',
        access: 'readable',
        responses: { 200: { description: 'The namespace', schema: NamespaceSchema, isRepresentation: true } },
        problems: ['namespace.not_found'],
      },
    },
    {
      method: 'get',
      path: '/v1/namespaces/:namespace/keys',
      handler: showKeyHistory(deps),
      operation: {
        id: 'showKeyHistory',
        summary: 'Every event of its keys, with proofs',
        tag: 'namespaces',
        access: 'readable',
        responses: {
          200: { description: 'The key history', mediaType: MEDIA_TYPES.standing, isRepresentation: true },
        },
        problems: ['namespace.not_found', 'service.log_lagging'],
      },
    },
    {
      method: 'get',
      path: '/v1/namespaces/:namespace/releases',
      handler: listReleases(deps),
      operation: {
        id: 'listSignedReleases',
        summary: 'What a key signed and no revocation refuses',
        tag: 'namespaces',
        access: 'readable',
        query: Type.Object({
          keyid: Type.String({ description: 'the id of a key, 64 hex digits', pattern: '^[0-9a-f]{64}$' }),
          fromIndex: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
        }),
        responses: {
          200: { description: 'The releases', schema: SignedReleasesSchema, isRepresentation: true },
        },
        problems: ['namespace.not_found'],
      },
    },
  ];
}
