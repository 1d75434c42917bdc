import {
  MEDIA_TYPES,
  PlanSchema,
  ReleaseStateEndQuerySchema,
  ReleaseStateRequestSchema,
  VersionDocumentSchema,
  VersionSummarySchema,
} from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Handler } from '../../http/context.js';
import type { Operation, OperationResponse } from '../../http/operation.js';
import { LOGGED_PROBLEMS } from '../logged-problems.js';
import type { Route } from '../route.js';
import { downloadVersion } from './download.js';
import { showEnvelope } from './envelope.js';
import { showFile } from './file.js';
import { showPlan } from './plan.js';
import { showProof } from './proof.js';
import { showReadme } from './readme.js';
import { showReceipt } from './receipt.js';
import { showVersion } from './show.js';
import { showStanding } from './standing.js';
import { deleteState, putState } from './state.js';

const VERSION = '/v1/workflows/:namespace/:name/:version';

const BUNDLE_PROBLEMS: Operation['problems'] = [
  'state.quarantined',
  'file.not_found',
  'service.storage_down',
  'service.busy',
];

/** What is to be read of one version, and its state. */
export function versionRoutes(deps: AppDeps): readonly Route[] {
  return [
    read('', showVersion(deps), 'showVersion', 'One version', {
      description: 'The version',
      schema: VersionDocumentSchema,
    }),
    read(
      '/download',
      downloadVersion(deps),
      'downloadVersion',
      'The compressed bundle',
      { description: 'The bundle; its ETag is the digest of the tar inside', mediaType: MEDIA_TYPES.bundle },
      ['state.quarantined', 'service.storage_down'],
    ),
    read(
      '/receipt',
      showReceipt(deps),
      'showReceipt',
      'All that verification needs besides the blob',
      { description: 'The receipt', mediaType: MEDIA_TYPES.receipt },
      ['service.log_lagging'],
    ),
    read('/envelope', showEnvelope(deps), 'showEnvelope', 'The signed envelope', {
      description: 'The DSSE envelope, as the leaf of the log names it',
      mediaType: MEDIA_TYPES.envelope,
    }),
    read(
      '/proof',
      showProof(deps),
      'showProof',
      'The inclusion proof of the publish',
      { description: 'C2SP tlog-proof text', mediaType: 'text/plain' },
      ['service.log_lagging'],
    ),
    read(
      '/standing',
      showStanding(deps),
      'showStanding',
      'What the log says of the version beyond its receipt',
      {
        description: 'The standing, fresh',
        mediaType: MEDIA_TYPES.standing,
      },
      ['service.log_lagging'],
    ),
    read(
      '/readme',
      showReadme(deps),
      'showReadme',
      'The README as HTML; as it was written with Accept: text/markdown',
      { description: 'A fragment of HTML that loads and runs nothing', mediaType: 'text/html' },
      BUNDLE_PROBLEMS,
    ),
    read(
      '/files/*path',
      showFile(deps),
      'showFile',
      'One file of the bundle',
      {
        description: 'The file: text/plain where it is UTF-8, otherwise application/octet-stream',
        mediaType: '*/*',
      },
      BUNDLE_PROBLEMS,
    ),
    read(
      '/plan',
      showPlan(deps),
      'showPlan',
      'What would run when nobody gives parameters',
      { description: 'The plan, as the engine makes it', schema: PlanSchema },
      ['state.quarantined', 'plan.parameters_missing', 'service.storage_down', 'service.busy'],
    ),
    change('put', 'deprecate', putState(deps, 'deprecate'), 'deprecateVersion', 'Advise against a version'),
    change(
      'delete',
      'deprecate',
      deleteState(deps, 'undeprecate'),
      'undeprecateVersion',
      'Take the advice back',
    ),
    change('put', 'yank', putState(deps, 'yank'), 'yankVersion', 'Take a version out of search and ranges'),
    change('delete', 'yank', deleteState(deps, 'unyank'), 'unyankVersion', 'Put a yanked version back'),
    change('put', 'quarantine', putState(deps, 'quarantine'), 'quarantineVersion', 'Withhold a version'),
    change(
      'delete',
      'quarantine',
      deleteState(deps, 'unquarantine'),
      'unquarantineVersion',
      'Hand a quarantined version out again',
    ),
  ];
}

function read(
  suffix: string,
  handler: Handler,
  id: string,
  summary: string,
  response: OperationResponse,
  problems: Operation['problems'] = [],
): Route {
  return {
    method: 'get',
    path: `${VERSION}${suffix}`,
    handler,
    operation: {
      id,
      summary,
      tag: 'versions',
      access: 'readable',
      responses: { 200: { ...response, isRepresentation: true } },
      problems: ['workflow.not_found', 'version.not_found', ...problems],
    },
  };
}

function change(
  method: 'put' | 'delete',
  state: 'deprecate' | 'yank' | 'quarantine',
  handler: Handler,
  id: string,
  summary: string,
): Route {
  return {
    method,
    path: `${VERSION}/${state}`,
    handler,
    operation: {
      id,
      summary,
      tag: 'versions',
      access: state === 'quarantine' ? 'admin' : 'signed-in',
      ...(method === 'put'
        ? { request: { mediaType: 'application/json', schema: ReleaseStateRequestSchema } }
        : { query: ReleaseStateEndQuerySchema }),
      responses: { 200: { description: 'The version as it is now', schema: VersionSummarySchema } },
      problems: [
        'auth.scope_missing',
        'auth.role_missing',
        'workflow.not_found',
        'version.not_found',
        ...(method === 'put' ? (['state.replacement_unknown'] as const) : []),
        'state.conflict',
        ...LOGGED_PROBLEMS,
      ],
    },
  };
}
