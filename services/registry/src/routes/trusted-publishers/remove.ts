import type { AppDeps } from '../../app-deps.js';
import { removePublisher } from '../../domain/trusted/publishers.js';
import type { Handler } from '../../http/context.js';

/** As it was given: others name nothing. */
const ID = /^[0-9a-f]{16}$/;

/** `DELETE /v1/trusted-publishers/{id}`. An unknown one is gone already: 204 as well. */
export function removePublisherRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal, requestId } = ctx.state;
    const id = ctx.params['id'] ?? '';
    await removePublisher(deps, { principal, requestId }, ID.test(id) ? id : '');
    ctx.status = 204;
  };
}
