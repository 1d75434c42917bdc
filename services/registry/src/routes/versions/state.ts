import { ReleaseStateEndQuerySchema, ReleaseStateRequestSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { changeState, type RequestedChange } from '../../domain/releases/change-state.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { queryOf } from '../../http/query.js';
import { sendResult } from '../../http/respond.js';
import { callerOf, versionRef } from '../params.js';
import { countWrite } from '../readable.js';

const readRequest = jsonBodyOf(ReleaseStateRequestSchema);
const readQuery = queryOf(ReleaseStateEndQuerySchema);

type Reasoned = Extract<RequestedChange, { request: object }>['change'];

/** `PUT …/{version}/deprecate`, `/yank`, `/quarantine`: change the state, with a reason. */
export function putState(deps: AppDeps, change: Reasoned): Handler {
  return async (ctx) => {
    if (!ctx.state.principal) throw new RegistryError('auth.required', 'this needs an access token');
    const ref = versionRef(ctx);
    await countWrite(deps, ctx, ref.namespace);
    const request = await readRequest(ctx);
    sendResult(ctx, 200, await changeState(deps, callerOf(ctx), ref, { change, request }));
  };
}

/** `DELETE …/{version}/deprecate`, `/yank`, `/quarantine`: make it active again, with a reason if there is one. */
export function deleteState(deps: AppDeps, change: Exclude<RequestedChange['change'], Reasoned>): Handler {
  return async (ctx) => {
    const ref = versionRef(ctx);
    await countWrite(deps, ctx, ref.namespace);
    const { reason } = readQuery(ctx);
    sendResult(ctx, 200, await changeState(deps, callerOf(ctx), ref, { change, reason }));
  };
}
