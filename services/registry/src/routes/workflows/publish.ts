import { MEDIA_TYPES, PUBLISH_PARTS, routes } from '@sheaf/client/contract';
import { DEFAULT_LIMITS } from '@sheaf/bundle';
import type { AppDeps } from '../../app-deps.js';
import { authorizeSomewhere } from '../../domain/access/authorization.js';
import { accountOf } from '../../domain/access/principal.js';
import { RegistryError } from '../../domain/error.js';
import { publishVersion } from '../../domain/publish/publish.js';
import type { Handler } from '../../http/context.js';
import { readParts } from '../../http/multipart.js';
import { PRIVATE } from '../../http/respond.js';
import { callerOf } from '../params.js';

const ENVELOPE_LIMIT_BYTES = 64 * 1024;
/** gzip makes incompressible input a little longer. */
const BLOB_LIMIT_BYTES = DEFAULT_LIMITS.tarBytes + 64 * 1024;
const FRAMING_BYTES = 4 * 1024;

/** `POST /v1/workflows`: publish one version. */
export function publish(deps: AppDeps): Handler {
  return async (ctx) => {
    const { principal } = ctx.state;
    // Which workflow it is for stands in the body; who could publish none at all is not let in with one.
    authorizeSomewhere(principal, 'workflow.publish');
    const limit = ENVELOPE_LIMIT_BYTES + BLOB_LIMIT_BYTES + FRAMING_BYTES;
    const declared = ctx.get('Content-Length') === '' ? limit : Number(ctx.get('Content-Length'));
    if (declared > limit) throw new RegistryError('request.too_large', `a publish is at most ${limit} bytes`);
    const published = await deps.uploads.spend(accountOf(principal), declared, async () => {
      const [envelope, blob] = await readParts(ctx, [
        { name: PUBLISH_PARTS.envelope, limitBytes: ENVELOPE_LIMIT_BYTES },
        { name: PUBLISH_PARTS.bundle, limitBytes: BLOB_LIMIT_BYTES },
      ]);
      if (!envelope || !blob) throw new RegistryError('request.invalid', 'the parts are incomplete');
      return publishVersion(deps, callerOf(ctx), { envelope, blob });
    });
    const { namespace, name, version } = published.claim;
    ctx.status = published.created ? 201 : 200;
    ctx.set('Location', routes.version(namespace, name, version));
    ctx.set('Cache-Control', PRIVATE);
    ctx.body = published.receipt;
    ctx.type = MEDIA_TYPES.receipt;
  };
}
