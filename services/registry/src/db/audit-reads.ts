import { sql } from 'kysely';
import type { Db } from './connection.js';

export interface AuditFilter {
  /** Undefined for every namespace, and what is of none. */
  readonly namespaces: readonly string[] | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Not before. */
  readonly after?: Date | undefined;
  /** Earlier than. */
  readonly before?: Date | undefined;
}

/** Records with ids below `beforeId`, newest first. */
export function auditPage(
  db: Db,
  filter: AuditFilter,
  { beforeId, limit }: { readonly beforeId: number | undefined; readonly limit: number },
) {
  let query = db
    .selectFrom('audit as a')
    .leftJoin('users as u', 'u.id', 'a.user_id')
    .select([
      'a.id',
      'a.at',
      'a.action',
      'u.name as actor',
      'a.token_id',
      'a.namespace',
      'a.workflow',
      'a.version',
      'a.request_id',
      'a.log_index',
      'a.detail',
    ])
    .orderBy('a.id', 'desc')
    .limit(limit);
  const { namespaces, actor, action, after, before } = filter;
  if (namespaces) query = query.where('a.namespace', '=', sql<string>`any(${[...namespaces]}::text[])`);
  if (actor !== undefined)
    query = query.where('a.user_id', '=', (q) =>
      q.selectFrom('users').select('id').where('name', '=', actor),
    );
  if (action !== undefined) query = query.where('a.action', '=', action);
  if (after !== undefined) query = query.where('a.at', '>=', after);
  if (before !== undefined) query = query.where('a.at', '<', before);
  if (beforeId !== undefined) query = query.where('a.id', '<', beforeId);
  return query.execute();
}

export type AuditRow = Awaited<ReturnType<typeof auditPage>>[number];
