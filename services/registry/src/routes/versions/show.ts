import type { AppDeps } from '../../app-deps.js';
import { getVersionDocument } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}`: one version. */
export function showVersion(deps: AppDeps): Handler {
  return async (ctx) => {
    sendJson(ctx, await getVersionDocument(deps.db, await readableVersion(deps, ctx)));
  };
}
