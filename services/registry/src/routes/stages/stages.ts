import { MEDIA_TYPES, SignStageSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { authorizeSomewhere } from '../../domain/access/authorization.js';
import { RegistryError } from '../../domain/error.js';
import { getVisibleStage, rejectStage, signStage } from '../../domain/stages/sign-stage.js';
import { stageDocuments } from '../../domain/stages/stage-document.js';
import { listStages } from '../../db/stage-queries.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { recipientOf } from '../../http/recipient.js';
import { PRIVATE, prepareRepresentation, sendResult } from '../../http/respond.js';
import { takeOver } from '../../http/respond-ready.js';
import { sendWindows } from '../../http/send-blob.js';
import { callerOf } from '../params.js';

const MAX_LISTED = 100;

/** `GET /v1/stages`: what waits in the namespaces that the caller may publish to. */
export function listOwnStages(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    authorizeSomewhere(principal, 'workflow.publish');
    const namespaces = [...principal.roles].filter(([, role]) => role !== 'reader').map(([name]) => name);
    const listed = await listStages(deps.db, namespaces, MAX_LISTED);
    const visible = await Promise.all(
      listed.map((stage) => getVisibleStage(deps, callerOf(ctx), stage.id).catch(absent)),
    );
    const stages = visible.filter((stage) => stage !== undefined);
    sendResult(ctx, 200, { stages: await stageDocuments(deps.db, stages) });
  };
}

/** `GET /v1/stages/{id}` */
export function showStage(deps: AppDeps): Handler {
  return async (ctx) => {
    const stage = await getVisibleStage(deps, callerOf(ctx), ctx.params['id'] ?? '');
    const [document] = await stageDocuments(deps.db, [stage]);
    sendResult(ctx, 200, document);
  };
}

/** `GET /v1/stages/{id}/bundles/{index}`: the bytes that an approver looks at before signing. */
export function downloadStaged(deps: AppDeps): Handler {
  return async (ctx) => {
    const stage = await getVisibleStage(deps, callerOf(ctx), ctx.params['id'] ?? '');
    const index = ctx.params['index'] ?? '';
    const version = /^\d{1,2}$/.test(index) ? stage.versions[Number(index)] : undefined;
    if (!version) throw new RegistryError('stage.not_found', 'there is no such staged version');
    const digest = `sha256:${version.tar_sha256.toString('hex')}` as const;
    const head = { sizeBytes: version.blob_size, type: MEDIA_TYPES.bundle, etag: digest };
    const part = prepareRepresentation(ctx, { ...head, cacheControl: PRIVATE });
    if (part === undefined) return;
    const begin = () => {
      ctx.length = part.end - part.start + 1;
    };
    if (ctx.method === 'HEAD') begin();
    else
      await sendWindows(recipientOf(deps, ctx.res), deps.reads.blobs, { digest }, part, () => {
        begin();
        takeOver(ctx);
      });
  };
}

/** `POST /v1/stages/{id}/signatures`: approve it. */
export function signStaged(deps: AppDeps): Handler {
  const body = jsonBodyOf(SignStageSchema);
  return async (ctx) => {
    authorizeSomewhere(ctx.state.principal, 'stage.approve');
    const answer = await signStage(deps, callerOf(ctx), ctx.params['id'] ?? '', await body(ctx));
    ctx.set('Cache-Control', PRIVATE);
    if (answer.kind === 'waiting') {
      ctx.status = 202;
      ctx.body = answer.stage;
      return;
    }
    ctx.status = 201;
    ctx.body = `{"receipts":[${answer.published.map(({ receipt }) => receipt.toString()).join(',')}]}`;
    ctx.type = 'application/json';
  };
}

/** `DELETE /v1/stages/{id}`: throw it away. */
export function removeStage(deps: AppDeps): Handler {
  return async (ctx) => {
    authorizeSomewhere(ctx.state.principal, 'workflow.publish');
    await rejectStage(deps, callerOf(ctx), ctx.params['id'] ?? '');
    ctx.status = 204;
  };
}

/** One that was published or thrown away since it was listed, or that the token does not cover. */
function absent(error: unknown): undefined {
  if (error instanceof RegistryError && error.code === 'stage.not_found') return undefined;
  throw error;
}
