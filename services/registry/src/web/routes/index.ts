import type { AppDeps } from '../../app-deps.js';
import { accountRoute, createTokenRoute, revokeTokenRoute } from './account.js';
import { assetRoute } from './assets.js';
import { homeRoute } from './home.js';
import { namespaceRoute } from './namespace.js';
import type { PageRoute } from './page-route.js';
import { problemRoute, problemsRoute } from './problems.js';
import { robotsRoute } from './robots.js';
import { changesRoute, fileRoute, filesRoute, stepsRoute, versionsRoute } from './release-pages.js';
import { searchRoute } from './search.js';
import { tagRoute, tagsRoute } from './tags.js';
import { versionRoute, workflowRoute } from './workflow.js';

/** Every page. Those whose first segment is a name come last. */
export function createPageRoutes(deps: AppDeps): readonly PageRoute[] {
  return [
    assetRoute(deps),
    robotsRoute(),
    homeRoute(deps),
    searchRoute(deps),
    tagsRoute(deps),
    tagRoute(deps),
    problemsRoute(deps),
    problemRoute(deps),
    accountRoute(deps),
    createTokenRoute(deps),
    revokeTokenRoute(deps),
    namespaceRoute(deps),
    workflowRoute(deps),
    versionsRoute(deps),
    versionRoute(deps),
    stepsRoute(deps),
    filesRoute(deps),
    fileRoute(deps),
    changesRoute(deps),
  ];
}
