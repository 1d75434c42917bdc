import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { realmTags, workflowTags } from '../../domain/reads/touch.js';
import { renderStanding } from '../../domain/standing/standing.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE } from '../../http/respond.js';
import { readableRealm, readableVersion } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET …/{version}/standing`: what the log says of the version beyond its receipt, fresh. */
export function showStanding(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { namespace, name, version } = ref;
    await answerDocument(deps, ctx, {
      path: routes.standing(namespace, name, version),
      tags: [...workflowTags(namespace, name), ...realmTags(readableRealm(ctx))],
      type: MEDIA_TYPES.standing,
      cacheControl: REVALIDATE,
      render: () => renderStanding(deps, ref),
    });
  };
}
