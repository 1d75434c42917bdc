import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../app-deps.js';
import type { VersionRef } from '../db/workflow-queries.js';
import { workflowTags } from '../domain/reads/touch.js';
import { getObtainable } from '../domain/workflows/documents.js';
import type { RequestContext } from '../http/context.js';
import { answerReady } from './readable-answers.js';

/**
 * The bytes never change, but a quarantine ends that they are handed out: caches in between ask again so often, which costs
 * them a 304, and hand on what was withheld for no longer.
 */
const BUNDLE_CACHING = 'public, max-age=600, immutable';

/**
 * Answers with the compressed bundle of a version that the caller may read, held under the one path that was asked for.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`, `state.quarantined`
 */
export async function answerBundle(
  deps: AppDeps,
  ctx: RequestContext,
  path: string,
  ref: VersionRef,
): Promise<void> {
  const { route = 'none' } = ctx.state;
  // The bytes never change, but a quarantine takes them away.
  await answerReady(deps, ctx, { path, tags: workflowTags(ref.namespace, ref.name) }, async () => {
    const { source, versionId } = await getObtainable(deps.db, ref);
    return {
      kind: 'blob',
      route,
      type: MEDIA_TYPES.bundle,
      cacheControl: BUNDLE_CACHING,
      blob: source,
      versionId,
    };
  });
}
