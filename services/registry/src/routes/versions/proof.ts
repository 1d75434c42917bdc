import type { AppDeps } from '../../app-deps.js';
import { renderProof } from '../../domain/log/receipts.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE, sendRepresentation } from '../../http/respond.js';
import { readableVersion } from '../readable.js';

/** `GET …/{version}/proof`: the inclusion proof of the publish, as C2SP tlog-proof text. */
export function showProof(deps: AppDeps): Handler {
  return async (ctx) => {
    const { envelope, log_index, checkpoint_size, realm } = await getPublished(
      deps.db,
      await readableVersion(deps, ctx),
    );
    const text = await renderProof(
      { db: deps.db, realm },
      { envelope, logIndex: log_index, checkpointSize: checkpoint_size },
    );
    sendRepresentation(ctx, {
      body: Buffer.from(text),
      type: 'text/plain; charset=utf-8',
      cacheControl: IMMUTABLE,
    });
  };
}
