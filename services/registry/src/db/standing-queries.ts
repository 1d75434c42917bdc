import { sql, type RawBuilder } from 'kysely';
import type { Db } from './connection.js';
import { copiedSizeOf } from './log-copy-queries.js';

/** Where the log holds some events, and the newest checkpoint that may be shown. */
export interface StandingRow {
  /** It covers all that is of their kind, unless an index is not smaller. */
  readonly size: number;
  /** Ascending. */
  readonly indices: readonly number[];
}

export interface StandingSubject {
  readonly versionId: number;
  readonly realm: string;
  readonly namespace: string;
  readonly keyIds: readonly string[];
  /** Of the publish. */
  readonly logIndex: number;
}

/**
 * The events that bear on a release: every revocation of its keys, the policy in force when it was published, and the
 * newest change of its state.
 */
export function standingOf(db: Db, subject: StandingSubject): Promise<StandingRow | undefined> {
  const ofNamespace = sql`(select id from namespaces where name = ${subject.namespace})`;
  return atCopiedCheckpoint(
    db,
    subject.realm,
    sql`
      select r.log_index from key_revocations r join keys k on k.id = r.key_id
        where k.namespace_id = ${ofNamespace} and k.key_id = any(${[...subject.keyIds]}::text[])
      union all select max(log_index) from namespace_policies
        where namespace_id = ${ofNamespace} and log_index < ${subject.logIndex}
      union all select state_index from versions where id = ${subject.versionId}`,
  );
}

/** Every event of the keys of a namespace. */
export function keyHistoryOf(db: Db, realm: string, namespaceId: number): Promise<StandingRow | undefined> {
  return atCopiedCheckpoint(
    db,
    realm,
    sql`
      select log_index from keys where namespace_id = ${namespaceId}
      union all select r.log_index from key_revocations r join keys k on k.id = r.key_id
        where k.namespace_id = ${namespaceId}
      union all select log_index from namespace_policies where namespace_id = ${namespaceId}`,
  );
}

/** The signed envelope of every event of the keys of a namespace that the log has confirmed, by log index. */
export async function keyEnvelopesOf(db: Db, namespaceId: number): Promise<ReadonlyMap<number, Buffer>> {
  const { rows } = await sql<{ readonly log_index: number; readonly event: Buffer }>`
    select log_index, event from keys where namespace_id = ${namespaceId} and log_index is not null
    union all select r.log_index, r.event from key_revocations r join keys k on k.id = r.key_id
      where k.namespace_id = ${namespaceId} and r.log_index is not null
    union all select log_index, event from namespace_policies
      where namespace_id = ${namespaceId} and log_index is not null`.execute(db);
  return new Map(rows.map(({ log_index, event }) => [log_index, event]));
}

/** One statement, so one view: an event has its index in the very transaction that stores the checkpoint that covers it. */
async function atCopiedCheckpoint(
  db: Db,
  realm: string,
  indices: RawBuilder<unknown>,
): Promise<StandingRow | undefined> {
  const { rows } = await sql<StandingRow>`
    select c.size, coalesce(
      (select json_agg(e.log_index order by e.log_index) from (${indices}) e(log_index) where e.log_index is not null),
      '[]') as indices
    from log_checkpoints c where c.realm = ${realm} and c.size <= ${copiedSizeOf(realm)} order by c.size desc limit 1`.execute(
    db,
  );
  return rows[0];
}
