import { MEDIA_TYPES, SearchResultSchema, StageSchema, WorkflowDocumentSchema } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { publish, PublishQuerySchema } from './publish.js';
import { SearchParameters, searchWorkflows } from './search.js';
import { showWorkflow } from './show.js';

/** Publishing, searching and reading workflows. */
export function workflowRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/workflows',
      handler: publish(deps),
      operation: {
        id: 'publishWorkflow',
        summary: 'Publish one version, or up to 16 of one log together or not at all',
        tag: 'workflows',
        access: 'signed-in',
        query: PublishQuerySchema,
        request: {
          mediaType: 'multipart/form-data',
          schema: Type.Object({
            envelope: Type.String({
              contentMediaType: MEDIA_TYPES.envelope,
              description: 'the first part of each version',
            }),
            bundle: Type.String({
              contentMediaType: MEDIA_TYPES.bundle,
              description: 'the second part of each version',
            }),
          }),
        },
        responses: {
          201: {
            description: 'It is published: the receipt; for several, `receipts` in order as JSON',
            mediaType: MEDIA_TYPES.receipt,
            headers: { Location: 'path of the version' },
          },
          200: {
            description: 'The same bytes were published before: the same receipt',
            mediaType: MEDIA_TYPES.receipt,
            headers: { Location: 'path of the version' },
          },
          202: { description: 'It is staged, to be approved', schema: StageSchema },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'namespace.not_found',
          'workflow.name_refused',
          'version.exists',
          'interface.breaking',
          'channel.name_refused',
          'channel.limit',
          'quota.exceeded',
          'key.unauthorised',
          'key.revoked',
          'key.threshold',
          'oidc.key_missing',
          'envelope.invalid',
          'signature.invalid',
          'statement.mismatch',
          'bundle.invalid',
          'digest.mismatch',
          'definition.invalid',
          'request.too_large',
          'request.timeout',
          'service.busy',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
    {
      method: 'get',
      path: '/v1/workflows',
      handler: searchWorkflows(deps),
      operation: {
        id: 'searchWorkflows',
        summary: 'Search',
        tag: 'workflows',
        access: 'readable',
        query: SearchParameters,
        responses: {
          200: {
            description: 'What was found, best first',
            schema: SearchResultSchema,
            isRepresentation: true,
          },
        },
        problems: ['service.busy'],
      },
    },
    {
      method: 'get',
      path: '/v1/workflows/:namespace/:name',
      handler: showWorkflow(deps),
      operation: {
        id: 'showWorkflow',
        summary: 'Metadata, channels and versions of a workflow',
        tag: 'workflows',
        access: 'readable',
        responses: {
          200: { description: 'The workflow', schema: WorkflowDocumentSchema, isRepresentation: true },
        },
        problems: ['workflow.not_found'],
      },
    },
  ];
}
