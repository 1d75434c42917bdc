import type { AppDeps } from '../../app-deps.js';
import type { VersionRef } from '../../db/workflow-queries.js';
import { namespaceTags, workflowTags, type ReadTags } from '../../domain/reads/touch.js';
import { readableVersion, readableWorkflow } from '../../routes/readable.js';
import { OverviewPage } from '../pages/workflows/overview.js';
import { pages } from '../paths.js';
import { loadReadme } from '../release/load-readme.js';
import { loadRelease } from '../release/load-release.js';
import { answerPage } from '../render/answer-page.js';
import type { PageRoute } from './page-route.js';

/** What pages of a version depend on: the workflow, and the keys of its namespace. */
export function releaseTags(namespace: string, name: string): ReadTags {
  return [...new Set([...workflowTags(namespace, name), ...namespaceTags(namespace)])];
}

/** `GET /{namespace}/{name}`: the workflow, by the version that represents it. */
export function workflowRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace/:name',
    handler: async (ctx) => {
      const ref = await readableWorkflow(deps, ctx);
      const { namespace, name } = ref;
      const path = pages.workflow(namespace, name);
      await answerPage(deps, ctx, { path, tags: releaseTags(namespace, name) }, async () => {
        const release = await loadRelease(deps.db, ref);
        const version = release.version.version as VersionRef['version'];
        const readme = await loadReadme(deps, ctx, { ...ref, version });
        return {
          title: `${namespace}/${name}`,
          ...(release.version.description !== undefined && { description: release.version.description }),
          body: <OverviewPage release={release} readme={readme} />,
        };
      });
    },
  };
}

/** `GET /{namespace}/{name}/{version}`: one version. */
export function versionRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace/:name/:version',
    handler: async (ctx) => {
      const ref = await readableVersion(deps, ctx);
      const { namespace, name, version } = ref;
      const path = pages.version(namespace, name, version);
      await answerPage(deps, ctx, { path, tags: releaseTags(namespace, name) }, async () => {
        const release = await loadRelease(deps.db, ref);
        return {
          title: `${namespace}/${name} ${version}`,
          ...(release.version.description !== undefined && { description: release.version.description }),
          body: <OverviewPage release={release} readme={await loadReadme(deps, ctx, ref)} />,
        };
      });
    },
  };
}
