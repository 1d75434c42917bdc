import { MEDIA_TYPES, routes } from '@sheaf/client/contract';
import type { AppDeps } from '../../app-deps.js';
import { namespaceTags, realmTags } from '../../domain/reads/touch.js';
import { renderKeyHistory } from '../../domain/standing/standing.js';
import type { Handler } from '../../http/context.js';
import { REVALIDATE } from '../../http/respond.js';
import { readableNamespace, readableRealm } from '../readable.js';
import { answerDocument } from '../readable-answers.js';

/** `GET /v1/namespaces/{namespace}/keys`: every event of its keys, with proofs. */
export function showKeyHistory(deps: AppDeps): Handler {
  return async (ctx) => {
    const name = await readableNamespace(deps, ctx);
    await answerDocument(deps, ctx, {
      path: routes.namespaceKeys(name),
      tags: [...namespaceTags(name), ...realmTags(readableRealm(ctx))],
      type: MEDIA_TYPES.standing,
      cacheControl: REVALIDATE,
      render: () => renderKeyHistory(deps, name),
    });
  };
}
