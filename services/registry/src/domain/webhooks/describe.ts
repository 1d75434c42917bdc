import type { Webhook } from '@sheaf/client/contract';
import type { WebhookRow } from '../../db/webhook-queries.js';

/** A webhook as the API shows it: without its secret. */
export function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    ...(row.namespace !== null && { namespace: row.namespace }),
    url: row.url,
    topics: row.topics,
    enabled: row.disabled_at === null,
    ...(row.disabled_reason !== null && { note: row.disabled_reason }),
    createdAt: row.created_at.toISOString(),
    ...(row.failing_since !== null && { failingSince: row.failing_since.toISOString() }),
    ...(row.old_secret_until !== null && { oldSecretUntil: row.old_secret_until.toISOString() }),
  };
}
