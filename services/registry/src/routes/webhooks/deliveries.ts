import { DeliveryStateSchema } from '@sheaf/client/contract';
import { Type } from '@sinclair/typebox';
import type { AppDeps } from '../../app-deps.js';
import { RegistryError } from '../../domain/error.js';
import { getDeliveries, redeliver } from '../../domain/webhooks/deliveries.js';
import type { Handler } from '../../http/context.js';
import { queryOf } from '../../http/query.js';
import { sendResult } from '../../http/respond.js';
import { idOf, signedIn } from './manage.js';

export const DeliveriesQuerySchema = Type.Object(
  {
    state: Type.Optional(DeliveryStateSchema),
    cursor: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,14}$',
        description: '`nextCursor` of the answer before',
        examples: ['42'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
const readQuery = queryOf(DeliveriesQuerySchema);
const DEFAULT_LIMIT = 50;

/** `GET /v1/webhooks/{id}/deliveries` */
export function listDeliveriesRoute(deps: AppDeps): Handler {
  return async (ctx) => {
    const { state, cursor, limit = DEFAULT_LIMIT } = readQuery(ctx);
    const before = cursor === undefined ? undefined : Number(cursor);
    sendResult(ctx, 200, await getDeliveries(deps, signedIn(ctx), idOf(ctx), { state, before, limit }));
  };
}

/** `POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver` */
export function postRedeliver(deps: AppDeps): Handler {
  return async (ctx) => {
    const delivery = ctx.params['delivery'] ?? '';
    const caller = signedIn(ctx);
    if (!/^msg_[0-9a-f]{32}$/.test(delivery))
      throw new RegistryError('webhook.delivery_not_found', 'there is no such delivery');
    await redeliver(deps, caller, idOf(ctx), delivery);
    ctx.status = 202;
  };
}
