import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { findBlobSize } from '../../db/workflow-queries.js';
import { RegistryError } from '../../domain/error.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { sendBlob } from '../../http/send-blob.js';
import { blobKey } from '../../objects/port.js';

/** `GET /v1/blobs/sha256/{hex}`: a bundle blob by the digest of its tar. Only what was published is shown. */
export function showBlob(deps: AppDeps): Handler {
  return async (ctx) => {
    const hex = ctx.params['hex'] ?? '';
    const notFound = () => new RegistryError('blob.not_found', 'there is no bundle with this digest');
    if (!/^[0-9a-f]{64}$/.test(hex)) throw notFound();
    const sizeBytes = await findBlobSize(deps.db, Buffer.from(hex, 'hex'));
    if (sizeBytes === undefined) throw notFound();
    const digest = `sha256:${hex}` as const;
    const key = blobKey(digest);
    await sendBlob(ctx, {
      sizeBytes,
      type: MEDIA_TYPES.bundle,
      etag: digest,
      cacheControl: IMMUTABLE,
      read: (start, end) => deps.objects.getRange(key, start, end),
    });
  };
}
