import type { AppDeps } from '../../app-deps.js';
import { getWorkflowDocument } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { sendJson } from '../../http/respond.js';
import { readableWorkflow } from '../readable.js';

/** `GET /v1/workflows/{namespace}/{name}`: metadata, channels and versions. */
export function showWorkflow(deps: AppDeps): Handler {
  return async (ctx) => {
    sendJson(ctx, await getWorkflowDocument(deps.db, await readableWorkflow(deps, ctx)));
  };
}
