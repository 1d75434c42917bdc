import type { AppDeps } from '../../app-deps.js';
import { removePublisher } from '../../domain/trusted/publishers.js';
import type { Handler } from '../../http/context.js';

/** `DELETE /v1/trusted-publishers/{id}`. An unknown one is gone already: 204 as well. */
export function removePublisherRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal, requestId } = ctx.state;
    await removePublisher(deps, { principal, requestId }, ctx.params['id'] ?? '');
    ctx.status = 204;
  };
}
