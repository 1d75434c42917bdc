import { sql } from 'kysely';
import type { Db } from './connection.js';
import type { SubjectKind } from './schema.js';

/** What somebody waits for the log to place: a change by its audit row, or a row whose leaf gives it an index. */
export type LogSubject =
  | { readonly kind: 'change'; readonly auditId: number }
  | { readonly kind: Exclude<SubjectKind, 'state'>; readonly id: number }
  /** Every change of the state of a version. */
  | { readonly kind: 'state'; readonly id: number }
  /** Every change of a namespace's keys and policy. */
  | { readonly kind: 'keys'; readonly namespace: string };

const TABLES = {
  namespace: 'namespaces',
  key: 'keys',
  revocation: 'key_revocations',
  policy: 'namespace_policies',
  transfer: 'ownership_transfers',
  version: 'versions',
  channel: 'channel_moves',
  ephemeral: 'ephemeral_keys',
} as const satisfies Record<Exclude<SubjectKind, 'state'>, string>;

/** Whether the log holds the subject's leaf. One that was withdrawn from the queue is not held. */
export async function isPlaced(db: Db, subject: LogSubject): Promise<boolean> {
  const { rows } = await sql<{ placed: boolean }>`select ${conditionOf(subject)} as placed`.execute(db);
  return rows[0]?.placed ?? false;
}

function conditionOf(subject: LogSubject) {
  switch (subject.kind) {
    case 'change':
      return sql`exists (select from audit where id = ${subject.auditId} and log_index is not null)`;
    case 'state':
      return sql`not exists (select from log_queue where subject_kind = 'state' and subject_id = ${subject.id})`;
    case 'keys':
      return sql`not exists (
        select from log_queue where namespace = ${subject.namespace} and subject_kind in ('key', 'revocation', 'policy'))`;
    default:
      return sql`exists (select from ${sql.table(TABLES[subject.kind])} where id = ${subject.id} and log_index is not null)`;
  }
}
