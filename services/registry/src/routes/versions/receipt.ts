import { MEDIA_TYPES } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderReceipt } from '../../domain/log/receipts.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE, sendRepresentation } from '../../http/respond.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/receipt`: all that verification needs besides the blob. */
export function showReceipt(deps: AppDeps): Handler {
  return async (ctx) => {
    const { envelope, log_index, checkpoint_size, realm } = await getPublished(
      deps.db,
      await readableVersion(deps, ctx),
    );
    const body = await renderReceipt(
      { db: deps.db, realm },
      {
        envelope,
        logIndex: log_index,
        checkpointSize: checkpoint_size,
      },
    );
    sendRepresentation(ctx, { body, type: MEDIA_TYPES.receipt, cacheControl: IMMUTABLE });
  };
}
