import type { AppDeps } from '../../app-deps.js';
import { getNamespaceDocument } from '../../domain/namespaces/namespaces.js';
import type { Handler } from '../../http/context.js';
import { PRIVATE, REVALIDATE, sendJson } from '../../http/respond.js';
import { readableNamespace } from '../readable.js';

/** `GET /v1/namespaces/{namespace}`: its keys, and the caller's role there. */
export function showNamespace(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    sendJson(
      ctx,
      await getNamespaceDocument(deps.db, await readableNamespace(deps, ctx), principal),
      principal ? PRIVATE : REVALIDATE,
    );
  };
}
