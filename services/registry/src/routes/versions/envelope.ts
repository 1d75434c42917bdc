import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { getPublished } from '../../domain/workflows/documents.js';
import type { Handler } from '../../http/context.js';
import { IMMUTABLE } from '../../http/respond.js';
import { readableVersion } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET …/{version}/envelope`: the DSSE envelope as the log's leaf names it. */
export function showEnvelope(deps: AppDeps): Handler {
  return async (ctx) => {
    const ref = await readableVersion(deps, ctx);
    await answerDocument(deps, ctx, {
      path: routes.envelope(ref.namespace, ref.name, ref.version),
      tags: [],
      type: MEDIA_TYPES.envelope,
      cacheControl: IMMUTABLE,
      render: async () => (await getPublished(deps.db, ref)).envelope,
    });
  };
}
