import { HealthSchema, ReadinessSchema, WellKnownSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { ReadinessQuerySchema, showHealth, showReadiness } from './health.js';
import { showMetrics } from './metrics.js';
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
        responses: { 200: { description: 'It does', schema: HealthSchema } },
        problems: [],
      },
    },
    {
      method: 'get',
      path: '/readyz',
      handler: showReadiness(deps),
      operation: {
        id: 'showReadiness',
        summary: 'Whether requests may be sent here, and of each part what is wrong and what to do',
        tag: 'system',
        access: 'public',
        query: ReadinessQuerySchema,
        responses: { 200: { description: 'They may', schema: ReadinessSchema } },
        problems: [
          'service.database_down',
          'service.storage_down',
          'service.schema_behind',
          'service.stopping',
        ],
      },
    },
    {
      method: 'get',
      path: '/metrics',
      handler: showMetrics(deps),
      operation: {
        id: 'showMetrics',
        summary: 'Metrics of this machine, for callers on it and with the token for metrics',
        tag: 'system',
        access: 'public',
        responses: { 200: { description: 'Prometheus text exposition', mediaType: 'text/plain' } },
        problems: ['metrics.refused'],
      },
    },
  ];
}
