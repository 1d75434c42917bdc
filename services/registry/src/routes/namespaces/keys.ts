import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderKeyHistory } from '../../domain/standing/standing.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE, sendRepresentation } from '../../http/respond.js';
import { readableNamespace } from '../readable.js';

/** `GET /v1/namespaces/{namespace}/keys`: every event of its keys, with proofs. */
export function showKeyHistory(deps: AppDeps): Handler {
  return async (ctx) => {
    const body = await renderKeyHistory(deps, await readableNamespace(deps, ctx));
    sendRepresentation(ctx, { body, type: MEDIA_TYPES.standing, cacheControl: REVALIDATE });
  };
}
