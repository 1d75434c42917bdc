import { routes } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { CATALOGUE_TAGS } from '../../domain/reads/touch.js';
import { tags } from '../../domain/search/tags.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendJson } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';
import { answerJson } from '../readable-answers.js';

export const TagParameters = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 128, description: 'nextCursor of the page before' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { additionalProperties: false },
);

/** `GET /v1/tags?cursor&limit`: tags with how many workflows carry them, most used first. */
export function listTagsRoute(deps: AppDeps): Handler {
  const parse = queryOf(TagParameters);
  return async (ctx) => {
    const { cursor, limit = 1000 } = parse(ctx);
    const readable = readableByCaller(ctx);
    const page = () => tags(deps, readable, { cursor, limit });
    if (ctx.state.principal || ctx.search !== '') sendJson(ctx, await page());
    else {
      const rendered = { path: routes.tags(), tags: CATALOGUE_TAGS };
      await answerJson(deps, ctx, rendered, page, { varies: ['Authorization'] });
    }
  };
}
