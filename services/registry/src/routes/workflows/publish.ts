import { MEDIA_TYPES, PUBLISH_PARTS, routes, type Stage } from '@sheaf/client/contract';
import { DEFAULT_LIMITS } from '@sheaf/bundle';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { authorizeSomewhere } from '../../domain/access/authorization.js';
import { accountOf } from '../../domain/access/principal.js';
import { RegistryError } from '../../domain/error.js';
import { publishVersions, type Published } from '../../domain/publish/publish.js';
import { stageVersions } from '../../domain/stages/create-stage.js';
import type { Upload } from '../../domain/publish/verify-upload.js';
import type { Handler, RequestContext } from '../../http/context.js';
import { readParts } from '../../http/multipart.js';
import { PRIVATE } from '../../http/respond.js';
import { queryOf } from '../../http/query.js';
import { callerOf } from '../params.js';

const ENVELOPE_LIMIT_BYTES = 64 * 1024;
/** gzip makes incompressible input a little longer. */
const BLOB_LIMIT_BYTES = DEFAULT_LIMITS.tarBytes + 64 * 1024;
/** Most bundles of one publish, and the bytes of all of them. */
const MAX_BUNDLES = 16;
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

const flag = Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')]));
export const PublishQuerySchema = Type.Object(
  {
    stage: flag,
    force: flag,
    channel: Type.Optional(Type.String({ maxLength: 64, description: 'is pointed at each version' })),
  },
  { additionalProperties: false },
);

/** `POST /v1/workflows`: publish one version, or several at once. */
export function publish(deps: AppDeps): Handler {
  const query = queryOf(PublishQuerySchema);
  return async (ctx) => {
    const { principal } = ctx.state;
    // Which workflow it is for stands in the body; who could publish none at all is not let in with one.
    authorizeSomewhere(principal, 'workflow.publish');
    const { force, stage, channel } = query(ctx);
    if (stage === 'true' && channel !== undefined)
      throw new RegistryError('request.invalid', 'a staged version is in no channel until it is approved');
    assertDeclared(ctx);
    await deps.uploads.spend(accountOf(principal), async (arrived) => {
      const uploads = await readUploads(ctx, arrived);
      const request = { uploads, isForced: force === 'true', channel };
      if (stage === 'true') answerStage(ctx, await stageVersions(deps, callerOf(ctx), request));
      else answer(ctx, await publishVersions(deps, callerOf(ctx), request));
    });
  };
}

/** Refuses a body that says that it is too large. @throws RegistryError `request.too_large` */
function assertDeclared(ctx: RequestContext): void {
  if (Number(ctx.get('Content-Length')) > BODY_LIMIT_BYTES)
    throw new RegistryError('request.too_large', `a publish is at most ${BODY_LIMIT_BYTES} bytes`);
}

async function readUploads(
  ctx: RequestContext,
  arrived: (bytes: number) => void,
): Promise<readonly Upload[]> {
  const specs = [
    { name: PUBLISH_PARTS.envelope, limitBytes: ENVELOPE_LIMIT_BYTES },
    { name: PUBLISH_PARTS.bundle, limitBytes: BLOB_LIMIT_BYTES },
  ];
  const parts = await readParts(ctx, specs, { rounds: MAX_BUNDLES, totalBytes: BODY_LIMIT_BYTES, arrived });
  const uploads: Upload[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const [envelope, blob] = parts.slice(i, i + 2);
    if (!envelope || !blob) throw new RegistryError('request.invalid', 'the parts are incomplete');
    uploads.push({ envelope, blob });
  }
  return uploads;
}

function answerStage(ctx: RequestContext, stage: Stage): void {
  ctx.status = 202;
  ctx.set('Cache-Control', PRIVATE);
  ctx.set('Location', routes.stage(stage.id));
  ctx.body = stage;
}

function answer(ctx: RequestContext, published: readonly Published[]): void {
  const [first] = published;
  if (!first) throw new Error('nothing was published');
  ctx.status = published.some(({ created }) => created) ? 201 : 200;
  ctx.set('Cache-Control', PRIVATE);
  ctx.state.touched = published.map(({ claim }) => ({ ns: claim.namespace, name: claim.name }));
  if (published.length === 1) {
    const { namespace, name, version } = first.claim;
    ctx.set('Location', routes.version(namespace, name, version));
    ctx.body = first.receipt;
    ctx.type = MEDIA_TYPES.receipt;
    return;
  }
  const receipts = published.map(({ receipt }) => receipt.toString());
  ctx.body = `{"receipts":[${receipts.join(',')}]}`;
  ctx.type = 'application/json';
}
