import type { Delivery, DeliveryList } from '@sheaf/client/contract';
import { insertAudit } from '../../db/audit-queries.js';
import { listDeliveries, requeueDelivery } from '../../db/delivery-queries.js';
import type { DeliveryState } from '../../db/tables/events.js';
import type { Caller } from '../access/principal.js';
import { RegistryError } from '../error.js';
import { holdWebhook } from './hold.js';
import { authorizeOne, type WebhookDeps } from './manage.js';

/**
 * What was sent, is to be sent, and was given up, newest first.
 *
 * @throws RegistryError `webhook.not_found`, and what `authorize` throws
 */
export async function getDeliveries(
  { db }: WebhookDeps,
  caller: Caller,
  webhookId: string,
  query: {
    readonly state?: DeliveryState | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Promise<DeliveryList> {
  await authorizeOne(db, caller, webhookId);
  const { state, before, limit } = query;
  const rows = await listDeliveries(db, webhookId, { state, before, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { deliveries: shown.map(toDelivery), ...(last && { nextCursor: String(last.position) }) };
}

/**
 * Has a delivery that ended sent again, with the same `webhook-id`.
 *
 * @throws RegistryError `webhook.not_found`, `webhook.delivery_not_found` also for one that waits anyhow, `state.conflict`
 *   for a webhook that is stopped, and what `authorize` throws
 */
export async function redeliver(
  { db }: WebhookDeps,
  caller: Caller,
  webhookId: string,
  id: string,
): Promise<void> {
  const { principal, row } = await authorizeOne(db, caller, webhookId);
  await db.transaction().execute(async (trx) => {
    if ((await holdWebhook(trx, principal, row, 'manage')).disabled_at !== null)
      throw new RegistryError('state.conflict', 'the webhook is stopped: enable it first');
    if (!(await requeueDelivery(trx, webhookId, id)))
      throw new RegistryError('webhook.delivery_not_found', 'no delivery that has ended has this id');
    await insertAudit(trx, {
      principal,
      requestId: caller.requestId,
      action: 'webhook.redeliver',
      ...(row.namespace !== null && { namespace: row.namespace }),
      detail: { webhook: webhookId, delivery: id },
    });
  });
}

type Row = Awaited<ReturnType<typeof listDeliveries>>[number];

function toDelivery(row: Row): Delivery {
  const { status, error, response, duration_ms: durationMs } = row;
  return {
    id: row.id,
    event: String(row.position),
    topic: row.topic,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    ...(row.state === 'pending' && { nextAt: row.next_at.toISOString() }),
    ...(row.finished_at !== null && { finishedAt: row.finished_at.toISOString() }),
    ...(status !== null && { status }),
    ...(error !== null && { error }),
    ...(durationMs !== null && { durationMs }),
    ...(response !== null && { response: response.toString('utf8') }),
  };
}
