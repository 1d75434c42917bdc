import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderReceipt } from '../../domain/log/receipts.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { readableVersion } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET …/{version}/receipt`: all that verification needs besides the blob. */
export function showReceipt(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    await answerDocument(deps, ctx, {
      path: routes.receipt(ref.namespace, ref.name, ref.version),
      tags: [],
      type: MEDIA_TYPES.receipt,
      cacheControl: IMMUTABLE,
      render: async () => {
        const { envelope, log_index, checkpoint_size, realm } = await getPublished(deps.db, ref);
        return renderReceipt(
          { db: deps.db, realm },
          { envelope, logIndex: log_index, checkpointSize: checkpoint_size },
        );
      },
    });
  };
}
