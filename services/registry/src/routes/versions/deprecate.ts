import { DeprecateSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { changeDeprecation } from '../../domain/releases/deprecate.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf, versionRef } from '../params.js';

const readRequest = jsonBodyOf(DeprecateSchema);

/** `PUT …/{version}/deprecate`: mark deprecated, with a reason. */
export function deprecate(deps: AppDeps): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const request = await readRequest(ctx);
    sendResult(ctx, 200, await changeDeprecation(deps, callerOf(ctx), versionRef(ctx), request));
  };
}

/** `DELETE …/{version}/deprecate`: make it active again. */
export function undeprecate(deps: AppDeps): Handler {
  return async (ctx) => {
    sendResult(ctx, 200, await changeDeprecation(deps, callerOf(ctx), versionRef(ctx), undefined));
  };
}
