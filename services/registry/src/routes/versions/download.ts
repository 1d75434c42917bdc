import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { sendBlob } from '../../http/send-blob.js';
import { blobKey } from '../../objects/port.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/download`: the compressed bundle. Its ETag is the digest of the tar inside. */
export function downloadVersion(deps: AppDeps): Handler {
  return async (ctx) => {
    const version = await getPublished(deps.db, await readableVersion(deps, ctx));
    if (version.state === 'quarantined')
      throw new RegistryError(
        'state.quarantined',
        `the version is quarantined: ${version.reason ?? 'no reason was given'}`,
      );
    const digest = `sha256:${version.tar_sha256.toString('hex')}` as const;
    const key = blobKey(digest);
    await sendBlob(ctx, {
      sizeBytes: version.blob_size,
      type: MEDIA_TYPES.bundle,
      etag: digest,
      cacheControl: IMMUTABLE,
      read: (start, end) => deps.objects.getRange(key, start, end),
    });
  };
}
