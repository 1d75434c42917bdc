import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE, sendRepresentation } from '../../http/respond.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/envelope`: the DSSE envelope as the log's leaf names it. */
export function showEnvelope(deps: AppDeps): Handler {
  return async (ctx) => {
    const { envelope } = await getPublished(deps.db, await readableVersion(deps, ctx));
    sendRepresentation(ctx, { body: envelope, type: MEDIA_TYPES.envelope, cacheControl: IMMUTABLE });
  };
}
