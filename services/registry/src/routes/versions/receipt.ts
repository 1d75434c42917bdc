import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderReceipt } from '../../domain/log/receipts.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE, sendRepresentation } from '../../http/respond.js';
import { versionRef } from '../params.js';

/** `GET …/{version}/receipt`: all that verification needs besides the blob. */
export function showReceipt(deps: AppDeps): Handler {
  return async (ctx) => {
    const { envelope, log_index, checkpoint_size } = await getPublished(deps.db, versionRef(ctx));
    const body = await renderReceipt(deps, {
      envelope,
      logIndex: log_index,
      checkpointSize: checkpoint_size,
    });
    sendRepresentation(ctx, { body, type: MEDIA_TYPES.receipt, cacheControl: IMMUTABLE });
  };
}
