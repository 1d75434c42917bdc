import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { getNamespaceDocument } from '../../domain/namespaces/namespaces.js';
import { namespaceTags } from '../../domain/reads/touch.js';
import type { Handler } from '../../http/context.js';
import { PRIVATE, sendJson } from '../../http/respond.js';
import { readableNamespace } from '../readable.js';
import { answerJson } from '../readable-answers.js';

/** `GET /v1/namespaces/{namespace}`: its keys, and the caller's role there. */
export function showNamespace(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    const name = await readableNamespace(deps, ctx);
    if (principal) {
      sendJson(ctx, await getNamespaceDocument(deps.db, name, principal), PRIVATE);
      return;
    }
    await answerJson(
      deps,
      ctx,
      { path: routes.namespace(name), tags: namespaceTags(name) },
      () => getNamespaceDocument(deps.db, name, undefined),
      { varies: ['Authorization'] },
    );
  };
}
