import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { workflowTags } from '../../domain/reads/touch.js';
import { getWorkflowDocument } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { readableWorkflow } from '../readable.js';
import { answerJson } from '../readable-answers.js';

/** `GET /v1/workflows/{namespace}/{name}`: metadata, channels and versions. */
export function showWorkflow(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableWorkflow(deps, ctx);
    const { namespace, name } = ref;
    await answerJson(
      deps,
      ctx,
      { path: routes.workflow(namespace, name), tags: workflowTags(namespace, name) },
      () => getWorkflowDocument(deps.db, ref),
    );
  };
}
