import { AuditListSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import type { Route } from '../route.js';
import { AuditQuerySchema, listAudit } from './list.js';

/** Who did what. */
export function auditRoutes(deps: AppDeps): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/audit',
      handler: listAudit(deps),
      operation: {
        id: 'listAudit',
        summary: 'Who did what: everything for administrators, their namespaces for owners',
        tag: 'audit',
        access: 'signed-in',
        query: AuditQuerySchema,
        responses: {
          200: {
            description: 'Newest first; with `Accept: application/x-ndjson` all of it, one record a line',
            schema: AuditListSchema,
          },
        },
        problems: ['auth.scope_missing', 'auth.role_missing', 'namespace.not_found'],
      },
    },
  ];
}
