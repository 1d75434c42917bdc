import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { workflowTags } from '../../domain/reads/touch.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { readableVersion } from '../readable.js';
import { answerReady } from '../readable-answers.js';

/** `GET …/{version}/download`: the compressed bundle. Its ETag is the digest of the tar inside. */
export function downloadVersion(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { namespace, name, version } = ref;
    const { route = 'none' } = ctx.state;
    await answerReady(
      deps,
      ctx,
      // Quarantine takes it away.
      { path: routes.download(namespace, name, version), tags: workflowTags(namespace, name) },
      async () => {
        const { source, versionId } = await getObtainable(deps.db, ref);
        return {
          kind: 'blob',
          route,
          type: MEDIA_TYPES.bundle,
          cacheControl: IMMUTABLE,
          blob: source,
          versionId,
        };
      },
    );
  };
}
