import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.js';
import { lockWebhook, type WebhookRow } from '../../db/webhook-queries.js';
import { authorize } from '../access/authorization.js';
import { holdRights } from '../access/hold-rights.js';
import type { Person } from '../access/principal.js';
import { RegistryError } from '../error.js';

/** `direct`: to say where a webhook leads, to learn its secret, to switch it on. `manage`: everything else. */
export type WebhookUse = 'direct' | 'manage';

/**
 * Holds until the transaction ends that the caller may use the webhooks of a namespace, or those of none. A webhook goes on
 * until somebody takes back the rights of who directed it, which nobody does with a claim: it just ends.
 *
 * @throws RegistryError what `authorize` and {@link holdRights} throw
 */
export async function holdWebhooks(
  trx: Transaction<Database>,
  principal: Person,
  namespace: { readonly id: number; readonly name: string } | undefined,
  use: WebhookUse,
): Promise<void> {
  const { person, isAdminByName } = await holdRights(trx, principal, namespace);
  if (namespace) authorize(person, 'webhook.manage', { namespace: namespace.name });
  else authorize(person, 'registry.admin');
  const isOwner = namespace !== undefined && person.roles.get(namespace.name) === 'owner';
  if (use === 'direct' && !isOwner && !isAdminByName)
    throw new RegistryError(
      'auth.role_missing',
      `${person.user} is an admin of the registry by a claim of the identity provider alone; webhooks are directed by an owner of the namespace, or by an admin that the registry itself has`,
    );
}

/** {@link holdWebhooks} for one that is there, which nobody else changes meanwhile. @throws as that, and RegistryError `webhook.not_found` */
export async function holdWebhook(
  trx: Transaction<Database>,
  principal: Person,
  { id, namespace_id: namespaceId, namespace }: WebhookRow,
  use: WebhookUse,
): Promise<WebhookRow> {
  const owner = namespaceId === null || namespace === null ? undefined : { id: namespaceId, name: namespace };
  await holdWebhooks(trx, principal, owner, use);
  const row = await lockWebhook(trx, id);
  if (!row) throw new RegistryError('webhook.not_found', 'there is no such webhook');
  return row;
}
