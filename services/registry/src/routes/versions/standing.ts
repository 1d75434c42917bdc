import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderStanding } from '../../domain/standing/standing.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE, sendRepresentation } from '../../http/respond.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/standing`: what the log says of the version beyond its receipt, fresh. */
export function showStanding(deps: AppDeps): Handler {
  return async (ctx) => {
    const body = await renderStanding(deps, await readableVersion(deps, ctx));
    sendRepresentation(ctx, { body, type: MEDIA_TYPES.standing, cacheControl: REVALIDATE });
  };
}
