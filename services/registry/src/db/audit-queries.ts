import type { Transaction } from 'kysely';
import type { Principal } from '../domain/access/principal.js';
import type { AuditAction } from '../domain/audit/actions.js';
import type { Database } from './schema.js';

export interface AuditEntry {
  /** Who did it; null for the registry itself, and for whoever is at its command line. */
  readonly principal: Principal | null;
  /** Null for what no request asked for. */
  readonly requestId: string | null;
  readonly action: AuditAction;
  /** Left out for what is of no namespace. */
  readonly namespace?: string;
  readonly workflow?: string;
  readonly version?: string;
  /** No secrets, and nothing longer than a line. */
  readonly detail?: Readonly<Record<string, string>>;
}

/** Writes who did what, in the transaction of what was done; returns the row's id. */
export async function insertAudit(trx: Transaction<Database>, entry: AuditEntry): Promise<number> {
  const row = await trx
    .insertInto('audit')
    .values({
      user_id: entry.principal?.userId ?? null,
      token_id: entry.principal?.token.id ?? null,
      action: entry.action,
      namespace: entry.namespace ?? null,
      workflow: entry.workflow ?? null,
      version: entry.version ?? null,
      request_id: entry.requestId,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
