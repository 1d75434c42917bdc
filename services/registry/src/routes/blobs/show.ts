import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { findBlob } from '../../db/workflow-queries.js';
import { readablePrivate } from '../../domain/access/reading.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { sendBlob } from '../../http/send-blob.js';
import { blobKey } from '../../objects/port.js';
import { markPrivate } from '../readable.js';

/** `GET /v1/blobs/sha256/{hex}`: a bundle blob by the digest of its tar. Only what was published where the caller may read is shown. */
export function showBlob(deps: AppDeps): Handler {
  return async (ctx) => {
    const hex = ctx.params['hex'] ?? '';
    const notFound = () => new RegistryError('blob.not_found', 'there is no bundle with this digest');
    if (!/^[0-9a-f]{64}$/.test(hex)) throw notFound();
    const blob = await findBlob(deps.db, Buffer.from(hex, 'hex'), readablePrivate(ctx.state.principal));
    // The same headers for one that is not there: a difference would tell that it is.
    if (blob?.visibility !== 'public') markPrivate(ctx);
    if (!blob) throw notFound();
    const digest = `sha256:${hex}` as const;
    const key = blobKey(digest);
    await sendBlob(ctx, {
      sizeBytes: blob.blob_size,
      type: MEDIA_TYPES.bundle,
      etag: digest,
      cacheControl: IMMUTABLE,
      read: (start, end) => deps.objects.getRange(key, start, end),
    });
  };
}
