import type { AppDeps } from '../../app-deps.js';
import { listTags } from '../../db/workflow-queries.js';
import type { Handler } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';

const MAX_TAGS = 1000;

/** `GET /v1/tags`: tags with how many workflows carry them, most used first. */
export function listTagsRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    sendJson(ctx, { tags: await listTags(deps.db, readableByCaller(ctx), MAX_TAGS) });
  };
}
