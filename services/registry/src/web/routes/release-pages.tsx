import { readStepGraph, parseVersion, type Version } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import { permissionsOf, type VersionRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../../domain/error.js';
import { getFile } from '../../domain/reads/bundle-views.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { RequestContext } from '../../http/context.js';
import { openBundle } from '../../routes/opened-bundle.js';
import { readableVersion, readableWorkflow } from '../../routes/readable.js';
import { ChangesPage } from '../pages/workflows/changes.js';
import { FilePage } from '../pages/workflows/file.js';
import { FilesPage } from '../pages/workflows/files.js';
import { StepsPage } from '../pages/workflows/steps.js';
import { VersionsPage } from '../pages/workflows/versions.js';
import { pages } from '../paths.js';
import { loadChanges } from '../release/load-changes.js';
import { loadRelease, type Release } from '../release/load-release.js';
import { showFile } from '../release/shown-file.js';
import { answerPage } from '../render/answer-page.js';
import type { Page } from '../page.js';
import type { PageRoute } from './page-route.js';
import { releaseTags } from './workflow.js';

const VERSIONS_SHOWN = 100;

/** `GET …/versions`: every version. */
export function versionsRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace/:name/versions',
    handler: async (ctx) => {
      const ref = await readableWorkflow(deps, ctx);
      const { namespace, name } = ref;
      const from = findIndex(ctx);
      const path = `${pages.versions(namespace, name)} from ${from}`;
      await answerPage(deps, ctx, { path, tags: releaseTags(namespace, name) }, async () => {
        const [release, permissions] = [await loadRelease(deps.db, ref), await permissionsOf(deps.db, ref)];
        return {
          title: `Versions of ${namespace}/${name}`,
          body: (
            <VersionsPage release={release} permissions={permissions} from={from} limit={VERSIONS_SHOWN} />
          ),
        };
      });
    },
  };
}

function findIndex(ctx: RequestContext): number {
  const { from } = ctx.query;
  return typeof from === 'string' && /^\d{1,6}$/.test(from)
    ? Math.floor(Number(from) / VERSIONS_SHOWN) * VERSIONS_SHOWN
    : 0;
}

/** Shows a page of one version whose address is all that it depends on. */
function releaseRoute(
  deps: AppDeps,
  path: string,
  addressOf: (ref: VersionRef) => string,
  make: (ctx: RequestContext, ref: VersionRef, release: Release) => Promise<Page>,
): PageRoute {
  return {
    method: 'get',
    path: `/:namespace/:name/:version/${path}`,
    handler: async (ctx) => {
      const ref = await readableVersion(deps, ctx);
      const tags = releaseTags(ref.namespace, ref.name);
      await answerPage(deps, ctx, { path: addressOf(ref), tags }, async () =>
        make(ctx, ref, await loadRelease(deps.db, ref)),
      );
    },
  };
}

/** `GET …/{version}/steps`: what runs. */
export function stepsRoute(deps: AppDeps): PageRoute {
  return releaseRoute(
    deps,
    'steps',
    ({ namespace, name, version }) => pages.steps(namespace, name, version),
    async (ctx, ref, release) => {
      const { source } = await getObtainable(deps.db, ref);
      const { definition } = await openBundle(deps, ctx, source);
      return {
        title: `Steps of ${release.workflow.id} ${ref.version}`,
        body: <StepsPage release={release} definition={definition} graph={readStepGraph(definition)} />,
      };
    },
  );
}

/** `GET …/{version}/files`: what is in the bundle. */
export function filesRoute(deps: AppDeps): PageRoute {
  return releaseRoute(
    deps,
    'files',
    ({ namespace, name, version }) => pages.files(namespace, name, version),
    (_ctx, ref, release) =>
      Promise.resolve({
        title: `Files of ${release.workflow.id} ${ref.version}`,
        body: <FilesPage release={release} />,
      }),
  );
}

/** `GET …/{version}/files/{path}`: one file. */
export function fileRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace/:name/:version/files/*path',
    handler: async (ctx) => {
      const ref = await readableVersion(deps, ctx);
      const { namespace, name, version } = ref;
      const { source } = await getObtainable(deps.db, ref);
      const file = getFile(await openBundle(deps, ctx, source), ctx.params['path'] ?? '');
      const path = pages.file(namespace, name, version, file.path);
      await answerPage(deps, ctx, { path, tags: releaseTags(namespace, name) }, async () => ({
        title: `${file.path} of ${namespace}/${name} ${version}`,
        isListed: false,
        body: <FilePage release={await loadRelease(deps.db, ref)} file={showFile(file)} />,
      }));
    },
  };
}

/** `GET …/{version}/changes`: what it has that another version has not, by default the one before it. */
export function changesRoute(deps: AppDeps): PageRoute {
  return {
    method: 'get',
    path: '/:namespace/:name/:version/changes',
    handler: async (ctx) => {
      const ref = await readableVersion(deps, ctx);
      const { namespace, name, version } = ref;
      const asked = findSince(ctx);
      const path = pages.changes(namespace, name, version, asked);
      await answerPage(deps, ctx, { path, tags: releaseTags(namespace, name) }, async () => {
        const release = await loadRelease(deps.db, ref);
        const since = asked ?? (release.before?.version as Version | undefined);
        if (since === undefined)
          throw new RegistryError(
            'version.not_found',
            `${namespace}/${name} ${version} is the first version`,
          );
        const loaded = await loadChanges(deps, ctx, ref, { release, since });
        return {
          title: `${namespace}/${name} ${version} since ${since}`,
          isListed: asked === undefined,
          body: <ChangesPage release={release} since={since} {...loaded} />,
        };
      });
    },
  };
}

function findSince(ctx: RequestContext): Version | undefined {
  const { since } = ctx.query;
  if (typeof since !== 'string' || since === '') return undefined;
  try {
    return parseVersion(since);
  } catch (cause) {
    throw new RegistryError('version.not_found', 'there is no such version', { cause });
  }
}
