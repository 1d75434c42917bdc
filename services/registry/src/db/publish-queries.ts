import { sql, type Transaction } from 'kysely';
import type { Db } from './connection.js';
import type { Database } from './schema.js';

type Trx = Transaction<Database>;

/** Which version is about to be published. */
export interface PublishRef {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  /** See `versionSortKey`. */
  readonly sortKey: string;
}

/** What is there where a version is about to be published. */
export interface PublishTarget {
  readonly namespaceId: number;
  readonly realm: string;
  /** Undefined for a workflow without any version. */
  readonly workflowId: number | undefined;
  /** The version itself, whether the log has confirmed it or not. */
  readonly existing: { readonly id: number; readonly digest: string } | undefined;
  /** The newest release below it that can be used: what it must not break. */
  readonly before:
    { readonly version: string; readonly parameters: unknown; readonly outputs: unknown } | undefined;
}

interface TargetRow {
  readonly namespace_id: number | null;
  readonly realm: string;
  readonly workflow_id: number | null;
  readonly version_id: number | null;
  readonly tar_sha256: string | null;
  readonly before_version: string | null;
  readonly parameters: unknown;
  readonly outputs: unknown;
}

/** All targets with one statement, in the order asked for; undefined where there is no such namespace. */
export async function findPublishTargets(
  db: Db,
  refs: readonly PublishRef[],
): Promise<readonly (PublishTarget | undefined)[]> {
  const { rows } = await sql<TargetRow>`
    select n.id as namespace_id, n.realm, w.id as workflow_id, v.id as version_id,
      encode(v.tar_sha256, 'hex') as tar_sha256, b.version as before_version, b.parameters, b.outputs
    from unnest(${refs.map((r) => r.namespace)}::text[], ${refs.map((r) => r.name)}::text[],
      ${refs.map((r) => r.version)}::text[], ${refs.map((r) => r.sortKey)}::text[])
      with ordinality as r(namespace, name, version, sort_key, ordinal)
    left join namespaces n on n.name = r.namespace and n.log_index is not null
    left join workflows w on w.namespace_id = n.id and w.name = r.name
    left join versions v on v.workflow_id = w.id and v.version = r.version
    left join lateral (
      select o.version, o.summary -> 'parameters' as parameters, o.summary -> 'outputs' as outputs
      from versions o
      where o.workflow_id = w.id and o.log_index is not null and o.revoked_index is null
        and o.state in ('active', 'deprecated') and not o.is_prerelease and o.sort_key < r.sort_key collate "C"
      order by o.sort_key desc limit 1) b on true
    order by r.ordinal`.execute(db);
  return rows.map(toTarget);
}

function toTarget(row: TargetRow): PublishTarget | undefined {
  const { namespace_id, realm, workflow_id, version_id, tar_sha256, before_version } = row;
  if (namespace_id === null) return undefined;
  return {
    namespaceId: namespace_id,
    realm,
    workflowId: workflow_id ?? undefined,
    existing:
      version_id === null || tar_sha256 === null
        ? undefined
        : { id: version_id, digest: `sha256:${tar_sha256}` },
    before:
      before_version === null
        ? undefined
        : { version: before_version, parameters: row.parameters, outputs: row.outputs },
  };
}

/** One version as it is stored, with its audit row and its leaf for the log. Bytes are in base64, to be sent as JSON. */
export interface VersionRecord {
  readonly namespace_id: number;
  readonly namespace: string;
  readonly realm: string;
  readonly name: string;
  readonly version: string;
  readonly sort_key: string;
  readonly is_prerelease: boolean;
  readonly tar_sha256: string;
  readonly tar_size: number;
  readonly blob_sha256: string;
  readonly blob_size: number;
  readonly envelope: string;
  readonly key_ids: readonly string[];
  readonly summary: unknown;
  readonly readme: string | null;
  /** Text form of the vector that search finds it by. */
  readonly search: string;
  readonly user_id: number | null;
  readonly via: string;
  readonly token_id: string;
  readonly request_id: string;
  readonly detail: Readonly<Record<string, string>>;
  readonly leaf: unknown;
}

/** A record, and which group of the statement it belongs to. */
export type GroupedRecord = VersionRecord & { readonly group_no: number };

/**
 * From here on the transaction does not wait for the disk when it commits: whoever answers for it waits for the append that
 * follows, and a database writes in order.
 */
export async function commitWithoutWaiting(trx: Trx): Promise<void> {
  await sql`select set_config('synchronous_commit', 'off', true)`.execute(trx);
}

/**
 * Makes sure that each workflow of the records is there, and answers how many of each namespace are new. Another request may
 * create the same one meanwhile; rows that exist are not locked, for the sequencer needs them.
 */
export async function openWorkflows(
  trx: Trx,
  names: readonly { readonly namespaceId: number; readonly name: string }[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await sql<{ namespace_id: number }>`
    insert into workflows (namespace_id, name)
    select distinct * from unnest(${names.map((n) => n.namespaceId)}::bigint[], ${names.map((n) => n.name)}::text[])
      as n(namespace_id, name) order by 1, 2
    on conflict on constraint workflows_name_unique do nothing
    returning namespace_id`.execute(trx);
  const created = new Map<number, number>();
  for (const { namespace_id } of rows) created.set(namespace_id, (created.get(namespace_id) ?? 0) + 1);
  return created;
}

/**
 * Stores versions whose workflows are there, each with its audit row and its leaf in the queue of the log. Answers their ids
 * in the same order. Leaves of a group of several leave the queue together.
 *
 * @throws the database's unique violation of `versions_unique` when one of them exists
 */
export async function insertVersions(
  trx: Trx,
  records: readonly GroupedRecord[],
): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`
    with numbered as materialized (
      select r.*, w.id as workflow_id, count(*) over (partition by r.group_no) as group_size,
        nextval('versions_id_seq') as version_id, nextval('audit_id_seq') as audit_id
      from rows from (jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as (
        group_no int, namespace_id bigint, namespace text, realm text, name text, version text, sort_key text,
        is_prerelease boolean, tar_sha256 text, tar_size bigint, blob_sha256 text, blob_size bigint, envelope text,
        key_ids text[], summary jsonb, readme text, search text, user_id bigint, via text, token_id text,
        request_id text, detail jsonb, leaf jsonb)) with ordinality as r
      join workflows w on w.namespace_id = r.namespace_id and w.name = r.name
      order by r.ordinality
    ), stored as (
      insert into versions (id, workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256,
        blob_size, envelope, key_ids, summary, readme, search, published_by, published_via, published_token)
      overriding system value
      select version_id, workflow_id, version, sort_key, is_prerelease, decode(tar_sha256, 'base64'), tar_size,
        decode(blob_sha256, 'base64'), blob_size, decode(envelope, 'base64'), key_ids, summary, readme,
        search::tsvector, user_id, via, token_id
      from numbered
    ), audited as (
      insert into audit (id, user_id, token_id, action, namespace, workflow, version, request_id, detail)
      overriding system value
      select audit_id, user_id, token_id, 'workflow.publish', namespace, name, version, request_id, detail
      from numbered
    ), queued as (
      insert into log_queue (realm, namespace, leaf, subject_kind, subject_id, audit_id, group_id)
      select realm, namespace, leaf, 'version', version_id, audit_id,
        case when group_size > 1 then min(audit_id) over (partition by group_no) end
      from numbered order by ordinality
    )
    select version_id as id from numbered order by ordinality`.execute(trx);
  if (rows.length !== records.length) throw new Error('a workflow that was just opened is gone');
  return rows.map(({ id }) => id);
}
