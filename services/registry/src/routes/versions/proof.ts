import { routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { renderProof } from '../../domain/log/receipts.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { readableVersion } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET …/{version}/proof`: the inclusion proof of the publish, as C2SP tlog-proof text. */
export function showProof(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    await answerDocument(deps, ctx, {
      path: routes.proof(ref.namespace, ref.name, ref.version),
      tags: [],
      type: 'text/plain; charset=utf-8',
      cacheControl: IMMUTABLE,
      render: async () => {
        const { envelope, log_index, checkpoint_size, realm } = await getPublished(deps.db, ref);
        const text = await renderProof(
          { db: deps.db, realm },
          { envelope, logIndex: log_index, checkpointSize: checkpoint_size },
        );
        return Buffer.from(text);
      },
    });
  };
}
