import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import type { Database } from '../../db/schema.js';
import { disableWebhooksOf } from '../../db/webhook-queries.js';
import type { Person } from '../access/principal.js';

/** Which webhooks of a namespace lead to where somebody wanted to be told who owns it no more. */
export interface OutlivedWebhooks {
  readonly namespaceId: number;
  readonly namespace: string;
  /** Only what this person has made; all of them unless given. */
  readonly createdBy?: number;
  readonly reason: string;
}

/** Stops webhooks: whoever owns the namespace now decides whether they go on. */
export async function stopWebhooks(
  trx: Transaction<Database>,
  by: { readonly principal: Person; readonly requestId: string },
  { namespace, reason, ...which }: OutlivedWebhooks,
): Promise<void> {
  for (const webhook of await disableWebhooksOf(trx, which, reason))
    await insertAudit(trx, { ...by, action: 'webhook.disable', namespace, detail: { webhook, reason } });
}
