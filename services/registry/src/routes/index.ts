import type { AppDeps } from '../app-deps.js';
import { authRoutes } from './auth/index.js';
import { auditRoutes } from './audit/index.js';
import { blobRoutes } from './blobs/index.js';
import { channelRoutes } from './channels/index.js';
import { eventRoutes } from './events/index.js';
import { feedRoutes } from './feed/index.js';
import { invitationRoutes } from './invitations/index.js';
import { keyRoutes } from './keys/index.js';
import { logRoutes } from './log/index.js';
import { namespaceRoutes } from './namespaces/index.js';
import { oidcRoutes } from './oidc/index.js';
import type { Route } from './route.js';
import { stageRoutes } from './stages/index.js';
import { systemRoutes } from './system/index.js';
import { openApiRoute } from './system/openapi.js';
import { tagRoutes } from './tags/index.js';
import { tokenRoutes } from './tokens/index.js';
import { trustedPublisherRoutes } from './trusted-publishers/index.js';
import { versionRoutes } from './versions/index.js';
import { webhookRoutes } from './webhooks/index.js';
import { whoamiRoutes } from './whoami/index.js';
import { workflowRoutes } from './workflows/index.js';

/** Every endpoint of the service. */
export function createRoutes(deps: AppDeps): readonly Route[] {
  const routes = [
    ...workflowRoutes(deps),
    ...stageRoutes(deps),
    ...channelRoutes(deps),
    ...versionRoutes(deps),
    ...blobRoutes(deps),
    ...tagRoutes(deps),
    ...namespaceRoutes(deps),
    ...authRoutes(deps),
    ...invitationRoutes(deps),
    ...keyRoutes(deps),
    ...whoamiRoutes(),
    ...tokenRoutes(deps),
    ...trustedPublisherRoutes(deps),
    ...oidcRoutes(deps),
    ...eventRoutes(deps),
    ...webhookRoutes(deps),
    ...feedRoutes(deps),
    ...auditRoutes(deps),
    ...logRoutes(deps),
    ...systemRoutes(deps),
  ];
  return [...routes, openApiRoute(deps, routes)];
}
