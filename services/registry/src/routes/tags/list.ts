import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { tags } from '../../domain/search/tags.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendJson } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';

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
    sendJson(ctx, await tags(deps, readableByCaller(ctx), { cursor, limit }));
  };
}
