import { CreateNamespaceSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { createNamespace } from '../../domain/namespaces/namespaces.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

const readRequest = jsonBodyOf(CreateNamespaceSchema);

/** `POST /v1/namespaces`: create a namespace. */
export function createNamespaceRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const request = await readRequest(ctx);
    const { created, namespace } = await createNamespace(deps, callerOf(ctx), request);
    sendResult(ctx, created ? 201 : 200, namespace);
  };
}
