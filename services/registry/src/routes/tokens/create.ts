import { CreateTokenSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { issueToken } from '../../domain/access/issue-token.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { sendResult } from '../../http/respond.js';
import { callerOf } from '../params.js';

const readRequest = jsonBodyOf(CreateTokenSchema);

/** `POST /v1/tokens`: create a personal access token, never stronger than the one that asks. */
export function createTokenRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    sendResult(ctx, 201, await issueToken(deps, callerOf(ctx), () => readRequest(ctx)));
  };
}
