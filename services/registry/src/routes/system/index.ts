import { WellKnownSchema } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { showHealth, showReadiness } from './health.js';
import { showWellKnown } from './well-known.js';

/** What the service says of itself. */
export function systemRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/.well-known/sheaf-registry',
      handler: showWellKnown(deps),
      operation: {
        id: 'showWellKnown',
        summary: 'Who this registry is',
        tag: 'system',
        access: 'public',
        responses: {
          200: {
            description: 'Origin, log keys and limits',
            schema: WellKnownSchema,
            isRepresentation: true,
          },
        },
        problems: [],
      },
    },
    {
      method: 'get',
      path: '/healthz',
      handler: showHealth(),
      operation: {
        id: 'showHealth',
        summary: 'Whether the process answers',
        tag: 'system',
        access: 'public',
        responses: { 200: { description: 'It does', schema: Type.Object({ status: Type.Literal('ok') }) } },
        problems: [],
      },
    },
    {
      method: 'get',
      path: '/readyz',
      handler: showReadiness(deps),
      operation: {
        id: 'showReadiness',
        summary: 'Whether requests may be sent here',
        tag: 'system',
        access: 'public',
        responses: { 200: { description: 'They may', schema: Type.Object({ status: Type.String() }) } },
        problems: ['service.database_down', 'service.storage_down'],
      },
    },
  ];
}
