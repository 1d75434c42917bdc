import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { findBlob } from '../../db/workflow-queries.js';
import { readablePrivate } from '../../domain/access/reading.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { markPrivate } from '../readable.js';
import { answerReady } from '../readable-answers.js';

/** `GET /v1/blobs/sha256/{hex}`: a bundle blob by the digest of its tar. Only what was published where the caller may read is shown. */
export function showBlob(deps: AppDeps): Handler {
  return async (ctx) => {
    const hex = ctx.params['hex'] ?? '';
    const notFound = () => new RegistryError('blob.not_found', 'there is no bundle with this digest');
    if (!/^[0-9a-f]{64}$/.test(hex)) throw notFound();
    const found = await findBlob(deps.db, Buffer.from(hex, 'hex'), readablePrivate(ctx.state.principal));
    // The same headers for one that is not there: a difference would tell that it is.
    if (found?.visibility !== 'public') markPrivate(ctx);
    if (!found) throw notFound();
    const { route = 'none' } = ctx.state;
    // What was public once stays so, and a digest names the same bytes for ever.
    await answerReady(deps, ctx, { path: routes.blob(hex), tags: [] }, () =>
      Promise.resolve({
        kind: 'blob',
        route,
        type: MEDIA_TYPES.bundle,
        cacheControl: IMMUTABLE,
        blob: { digest: `sha256:${hex}`, sizeBytes: found.blob_size, sha256: found.blob_sha256 },
        // Of several versions with the same content the first is counted.
        versionId: found.id,
      }),
    );
  };
}
