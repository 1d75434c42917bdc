import { SEARCH_SORTS, SEARCH_STATES } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import { PERMISSION_KINDS } from '@sheaf/workflow';
import type { AppDeps } from '../../app-deps.js';
import { search } from '../../domain/search/search.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendJson } from '../../http/respond.js';
import { readableByCaller } from '../readable.js';

const text = Type.String({ maxLength: 200 });

export const SearchParameters = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'Words; the last one may be the beginning of one. At most 16 count',
      }),
    ),
    tag: Type.Optional(Type.Array(text, { maxItems: 10, description: 'Every one of these' })),
    owner: Type.Optional(
      Type.String({
        description: 'Namespace',
        pattern: '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$',
        examples: ['acme'],
      }),
    ),
    license: Type.Optional(
      Type.String({ maxLength: 200, description: 'SPDX expression, as it was declared' }),
    ),
    permission: Type.Optional(
      Type.Union(
        PERMISSION_KINDS.map((kind) => Type.Literal(kind)),
        { description: 'Kind of permission that is declared' },
      ),
    ),
    state: Type.Optional(Type.Union(SEARCH_STATES.map((state) => Type.Literal(state)))),
    sort: Type.Optional(
      Type.Union(
        SEARCH_SORTS.map((sort) => Type.Literal(sort)),
        { default: 'relevance' },
      ),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 512, description: 'nextCursor of the page before' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  },
  { additionalProperties: false },
);

/** `GET /v1/workflows?q&tag&owner&license&permission&state&sort&cursor&limit`: search. */
export function searchWorkflows(deps: AppDeps): Handler {
  const parse = queryOf(SearchParameters);
  return async (ctx) => {
    const { q = '', tag = [], sort = 'relevance', limit = 20, ...rest } = parse(ctx);
    const readable = readableByCaller(ctx);
    sendJson(ctx, await search(deps, { ...rest, text: q, tags: tag, sort, limit, readable }));
  };
}
