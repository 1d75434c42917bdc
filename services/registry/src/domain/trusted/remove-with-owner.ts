import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import type { Database } from '../../db/schema.js';
import { deletePublishersBy } from '../../db/trusted-queries.js';
import type { Person } from '../access/principal.js';

/** What makes somebody an owner no more. */
export interface OwnerEnd {
  readonly principal: Person;
  readonly requestId: string;
  readonly namespace: string;
  /** Who owns it no more. */
  readonly owner: { readonly id: number; readonly name: string };
}

/** Removes the trusted publishers that somebody has added who owns the namespace no more: a repository of their own would go on publishing for them. */
export async function removePublishersOf(
  trx: Transaction<Database>,
  { principal, requestId, namespace, owner }: OwnerEnd,
): Promise<void> {
  for (const { id, workflow, issuer } of await deletePublishersBy(trx, namespace, owner.id))
    await insertAudit(trx, {
      principal,
      requestId,
      action: 'publisher.remove',
      namespace,
      ...(workflow !== null && { workflow }),
      detail: { publisher: id, issuer, creator: owner.name },
    });
}
