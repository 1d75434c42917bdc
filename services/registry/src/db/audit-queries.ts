import type { Transaction } from 'kysely';
import type { Principal } from '../domain/access/principal.js';
import type { Database } from './schema.js';

export interface AuditEntry {
  readonly principal: Principal;
  readonly requestId: string;
  readonly action: string;
  readonly namespace: string;
  readonly workflow?: string;
  readonly version?: string;
  readonly detail?: Readonly<Record<string, string>>;
}

/** Writes who did what, in the transaction of what was done; returns the row's id. */
export async function insertAudit(trx: Transaction<Database>, entry: AuditEntry): Promise<number> {
  const row = await trx
    .insertInto('audit')
    .values({
      user_id: entry.principal.userId,
      token_id: entry.principal.token.id,
      action: entry.action,
      namespace: entry.namespace,
      workflow: entry.workflow ?? null,
      version: entry.version ?? null,
      request_id: entry.requestId,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
