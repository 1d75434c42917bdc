import { MEDIA_TYPES, SignStageSchema } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { authorizeSomewhere } from '../../domain/access/authorization.js';
import { RegistryError } from '../../domain/error.js';
import { getVisibleStage, readBlob, rejectStage, signStage } from '../../domain/stages/sign-stage.js';
import { stageDocuments } from '../../domain/stages/stage-document.js';
import { listStages } from '../../db/stage-queries.js';
import type { Handler } from '../../http/context.js';
import { jsonBodyOf } from '../../http/json-body.js';
import { PRIVATE } from '../../http/respond.js';
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
    ctx.set('Cache-Control', PRIVATE);
    ctx.body = { stages: await stageDocuments(deps.db, stages) };
  };
}

/** `GET /v1/stages/{id}` */
export function showStage(deps: AppDeps): Handler {
  return async (ctx) => {
    const stage = await getVisibleStage(deps, callerOf(ctx), ctx.params['id'] ?? '');
    ctx.set('Cache-Control', PRIVATE);
    [ctx.body] = await stageDocuments(deps.db, [stage]);
  };
}

/** `GET /v1/stages/{id}/bundles/{index}`: the bytes that an approver looks at before signing. */
export function downloadStaged(deps: AppDeps): Handler {
  return async (ctx) => {
    const stage = await getVisibleStage(deps, callerOf(ctx), ctx.params['id'] ?? '');
    const index = ctx.params['index'] ?? '';
    const version = /^\d{1,2}$/.test(index) ? stage.versions[Number(index)] : undefined;
    if (!version) throw new RegistryError('stage.not_found', 'there is no such staged version');
    ctx.set('Cache-Control', PRIVATE);
    ctx.body = await readBlob(deps, version);
    ctx.type = MEDIA_TYPES.bundle;
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
