import { sql, type Transaction } from 'kysely';
import type { VersionState } from '@sheaf/client/contract';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

/**
 * Marks the versions that a revocation refuses, in the transaction that gives it its place: what its key signed, from the
 * index on that it names, or else from its own. One that an earlier revocation refuses keeps that mark. Answers the ids
 * of those that are newly marked.
 */
export async function markRevoked(
  trx: Transaction<Database>,
  revocationId: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    update versions v set revoked_index = r.log_index
    from key_revocations r join keys k on k.id = r.key_id join workflows w on w.namespace_id = k.namespace_id
    where r.id = ${revocationId} and v.workflow_id = w.id and k.key_id = any(v.key_ids)
      and v.log_index >= coalesce(r.from_index, r.log_index) and v.revoked_index is null
    returning v.id`.execute(trx);
  return rows.map(({ id }) => id);
}

export interface SignedReleaseRow {
  readonly name: string;
  readonly version: string;
  readonly state: VersionState;
  readonly log_index: number;
  readonly total: number;
}

/** What a key signed from an index of the log on and no revocation refuses so far, in the order of the log. */
export async function standingReleasesOf(
  db: Db,
  asked: {
    readonly namespaceId: number;
    readonly keyId: string;
    readonly fromIndex: number;
    readonly limit: number;
  },
): Promise<readonly SignedReleaseRow[]> {
  const { rows } = await sql<SignedReleaseRow>`
    select w.name, v.version, v.state, v.log_index, count(*) over () as total
    from workflows w join versions v on v.workflow_id = w.id
    where w.namespace_id = ${asked.namespaceId} and ${asked.keyId} = any(v.key_ids)
      and v.log_index >= ${asked.fromIndex} and v.revoked_index is null
    order by v.log_index limit ${asked.limit}`.execute(db);
  return rows;
}
