import {
  MEDIA_TYPES,
  ReceiptListSchema,
  SignStageSchema,
  StageListSchema,
  StageSchema,
} from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Operation } from '../../http/operation.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { downloadStaged, listOwnStages, removeStage, showStage, signStaged } from './stages.js';

const common = { tag: 'stages', access: 'signed-in' } as const satisfies Partial<Operation>;

/** Versions that wait for an approval. */
export function stageRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/stages',
      handler: listOwnStages(deps),
      operation: {
        ...common,
        id: 'listStages',
        summary: 'Staged versions that the caller may see, the newest first',
        responses: { 200: { description: 'At most 100 of them', schema: StageListSchema } },
        problems: ['auth.scope_missing', 'auth.role_missing'],
      },
    },
    {
      method: 'get',
      path: '/v1/stages/:id',
      handler: showStage(deps),
      operation: {
        ...common,
        id: 'showStage',
        summary: 'Staged versions, with what is to be signed',
        responses: { 200: { description: 'The stage', schema: StageSchema } },
        problems: ['stage.not_found'],
      },
    },
    {
      method: 'delete',
      path: '/v1/stages/:id',
      handler: removeStage(deps),
      operation: {
        ...common,
        id: 'deleteStage',
        summary: 'Throw staged versions away',
        responses: { 204: { description: 'They are gone' } },
        problems: ['auth.scope_missing', 'auth.role_missing', 'stage.not_found'],
      },
    },
    {
      method: 'get',
      path: '/v1/stages/:id/bundles/:index',
      handler: downloadStaged(deps),
      operation: {
        ...common,
        id: 'downloadStagedBundle',
        summary: 'The bundle of a staged version, by its place in the stage',
        responses: {
          200: {
            description: 'The bundle; its ETag is the digest of the tar inside',
            mediaType: MEDIA_TYPES.bundle,
            isRepresentation: true,
          },
        },
        problems: ['stage.not_found', 'service.busy', 'service.storage_down'],
      },
    },
    {
      method: 'post',
      path: '/v1/stages/:id/signatures',
      handler: signStaged(deps),
      operation: {
        ...common,
        id: 'signStage',
        summary: 'Approve staged versions with signatures by another key',
        request: { mediaType: 'application/json', schema: SignStageSchema },
        responses: {
          201: { description: 'Enough keys have signed: the receipts', schema: ReceiptListSchema },
          202: { description: 'It waits for more signatures', schema: StageSchema },
        },
        problems: [
          'auth.scope_missing',
          'auth.role_missing',
          'stage.not_found',
          'stage.signed_already',
          'signature.invalid',
          'key.unauthorised',
          'key.revoked',
          'key.threshold',
          'version.exists',
          'interface.breaking',
          'quota.exceeded',
          'service.busy',
          ...LOGGED_PROBLEMS,
        ],
      },
    },
  ];
}
