import type { TrustedPublisherList } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { listPublishers } from '../../domain/trusted/publishers.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendResult } from '../../http/respond.js';

export const listPublishersQuery = Type.Object(
  { namespace: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);
const readQuery = queryOf(listPublishersQuery);

/** `GET /v1/trusted-publishers?namespace=…`: for its owners, and of one that is not there what the caller has added. */
export function listPublishersRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { namespace } = readQuery(ctx);
    const publishers = await listPublishers(deps, ctx.state.principal, namespace);
    const list: TrustedPublisherList = { publishers: [...publishers] };
    sendResult(ctx, 200, list);
  };
}
