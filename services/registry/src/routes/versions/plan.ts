import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { planOf } from '../../domain/reads/bundle-views.js';
import { workflowTags } from '../../domain/reads/touch.js';
import { getObtainable } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { openBundle } from '../opened-bundle.js';
import { readableVersion } from '../readable.js';
import { answerJson } from '../readable-answers.js';

/** `GET …/{version}/plan`: what would run when nobody gives parameters. */
export function showPlan(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { namespace, name, version } = ref;
    await answerJson(
      deps,
      ctx,
      { path: routes.plan(namespace, name, version), tags: workflowTags(namespace, name) },
      async () => planOf(await openBundle(deps, ctx, (await getObtainable(deps.db, ref)).source)),
    );
  };
}
