import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { workflowTags } from '../../domain/reads/touch.js';
import { getVersionDocument } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { readableVersion } from '../readable.js';
import { answerJson } from '../readable-answers.js';

/** `GET …/{version}`: one version. */
export function showVersion(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    const { namespace, name, version } = ref;
    await answerJson(
      deps,
      ctx,
      { path: routes.version(namespace, name, version), tags: workflowTags(namespace, name) },
      () => getVersionDocument(deps.db, ref),
    );
  };
}
