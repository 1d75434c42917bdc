import type { Namespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit, type AuditEntry } from '../../db/audit-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';

/** Records that a namespace was created, in the audit and for the log of its realm: in the transaction that creates it. */
export async function recordNamespace(
  trx: Transaction<Database>,
  namespace: { readonly id: number; readonly name: Namespace; readonly realm: string },
  by: Pick<AuditEntry, 'principal' | 'requestId' | 'detail'>,
): Promise<void> {
  const { id, name, realm } = namespace;
  const auditId = await insertAudit(trx, { ...by, action: 'namespace.create', namespace: name });
  await enqueueLeaf(trx, {
    realm,
    namespace: name,
    leaf: { type: 'ns.create', ns: name },
    subjectKind: 'namespace',
    subjectId: id,
    auditId,
  });
}
