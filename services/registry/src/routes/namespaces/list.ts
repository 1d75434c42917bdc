import type { OwnNamespaceList } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { listOwnNamespaces } from '../../domain/namespaces/own.js';
import type { Handler } from '../../http/context.js';
import { sendResult } from '../../http/respond.js';

/** `GET /v1/namespaces`: those that the caller is a member of. */
export function listNamespacesRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const list: OwnNamespaceList = { namespaces: [...(await listOwnNamespaces(deps, ctx.state.principal))] };
    sendResult(ctx, 200, list);
  };
}
