import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.js';
import { lockWebhook, type WebhookRow } from '../../db/webhook-queries.js';
import { authorize } from '../access/authorization.js';
import { holdRights } from '../access/hold-rights.js';
import type { Person } from '../access/principal.js';
import { RegistryError } from '../error.js';

/**
 * Holds until the transaction ends that the caller may manage the webhooks of a namespace, or those of none.
 *
 * @throws RegistryError what `authorize` and {@link holdRights} throw
 */
export async function holdWebhooks(
  trx: Transaction<Database>,
  principal: Person,
  namespace: { readonly id: number; readonly name: string } | undefined,
): Promise<void> {
  const { person } = await holdRights(trx, principal, namespace);
  if (namespace) authorize(person, 'webhook.manage', { namespace: namespace.name });
  else authorize(person, 'registry.admin');
}

/** {@link holdWebhooks} for one that is there, which nobody else changes meanwhile. @throws as that, and RegistryError `webhook.not_found` */
export async function holdWebhook(
  trx: Transaction<Database>,
  principal: Person,
  { id, namespace_id: namespaceId, namespace }: WebhookRow,
): Promise<WebhookRow> {
  const owner = namespaceId === null || namespace === null ? undefined : { id: namespaceId, name: namespace };
  await holdWebhooks(trx, principal, owner);
  const row = await lockWebhook(trx, id);
  if (!row) throw new RegistryError('webhook.not_found', 'there is no such webhook');
  return row;
}
