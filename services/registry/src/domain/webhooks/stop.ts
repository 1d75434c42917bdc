import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import type { Database } from '../../db/schema.js';
import { disableWebhooksOf, type WebhookFilter } from '../../db/webhook-queries.js';
import type { Principal } from '../access/principal.js';

/** Which webhooks lead to where somebody wanted to be told who may not be told any more. */
export type OutlivedWebhooks = WebhookFilter & { readonly reason: string };

/** Stops webhooks: whoever may manage them now decides whether they go on. */
export async function stopWebhooks(
  trx: Transaction<Database>,
  by: { readonly principal: Principal | null; readonly requestId: string },
  { reason, ...which }: OutlivedWebhooks,
): Promise<void> {
  for (const { id, namespace } of await disableWebhooksOf(trx, which, reason))
    await insertAudit(trx, {
      ...by,
      action: 'webhook.disable',
      ...(namespace !== null && { namespace }),
      detail: { webhook: id, reason },
    });
}
