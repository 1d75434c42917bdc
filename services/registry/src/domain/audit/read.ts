import type { AuditList, AuditRecord } from '@sheaf/client/contract';
import { auditPage, type AuditFilter, type AuditRow } from '../../db/audit-reads.js';
import type { Db } from '../../db/connection.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { authorize, authorizeSomewhere } from '../access/authorization.js';
import type { Caller, Principal } from '../access/principal.js';
import { mayRead } from '../access/reading.js';
import { RegistryError } from '../error.js';

export interface AuditQuery extends Omit<AuditFilter, 'namespaces'> {
  readonly namespace?: string | undefined;
}

/**
 * What a caller may read of the audit: an administrator everything, an owner what is of their namespaces.
 *
 * @throws RegistryError `namespace.not_found`, and what `authorize` throws
 */
export async function authorizeAudit(
  db: Db,
  { principal }: Caller,
  { namespace, ...filter }: AuditQuery,
): Promise<AuditFilter> {
  if (namespace === undefined) {
    authorizeSomewhere(principal, 'audit.read');
    return { ...filter, namespaces: ownNamespaces(principal) };
  }
  const found = principal && (await findNamespace(db, namespace));
  if (principal && !(found && mayRead(principal, found)))
    throw new RegistryError('namespace.not_found', 'there is no such namespace');
  authorize(principal, 'audit.read', { namespace });
  return { ...filter, namespaces: [namespace] };
}

/** Undefined for all of them. */
function ownNamespaces(principal: Principal): readonly string[] | undefined {
  const may = (namespace: string | undefined) => {
    try {
      authorize(principal, 'audit.read', namespace === undefined ? {} : { namespace });
      return true;
    } catch (error) {
      if (error instanceof RegistryError) return false;
      throw error;
    }
  };
  if (principal.isAdmin && may(undefined)) return undefined;
  return [...principal.roles.keys()].filter(may);
}

/** A page of the audit, newest first. */
export async function getAuditPage(
  db: Db,
  filter: AuditFilter,
  page: { readonly beforeId: number | undefined; readonly limit: number },
): Promise<AuditList> {
  const rows = await auditPage(db, filter, { ...page, limit: page.limit + 1 });
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { records: shown.map(toRecord), ...(last && { nextCursor: String(last.id) }) };
}

const EXPORT_PAGE = 500;

/**
 * All of it, newest first, as lines of JSON: a page is read when the one before has been taken, so that memory is bounded
 * however long it is and however slowly it is read.
 */
export async function* exportAudit(
  db: Db,
  filter: AuditFilter,
  startBelow: number | undefined,
): AsyncGenerator<string, void> {
  let beforeId = startBelow;
  for (;;) {
    const rows = await auditPage(db, filter, { beforeId, limit: EXPORT_PAGE });
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map((row) => `${JSON.stringify(toRecord(row))}\n`).join('');
    if (rows.length < EXPORT_PAGE) return;
    beforeId = last.id;
  }
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    ...(row.actor !== null && { actor: row.actor }),
    ...(row.token_id !== null && { tokenId: row.token_id }),
    ...(row.namespace !== null && { namespace: row.namespace }),
    ...(row.workflow !== null && { workflow: row.workflow }),
    ...(row.version !== null && { version: row.version }),
    ...(row.request_id !== null && { requestId: row.request_id }),
    ...(row.log_index !== null && { logIndex: row.log_index }),
    detail: row.detail,
  };
}
