import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { QueuedLeaf } from '../domain/log/leaves.js';
import type { Touch } from '../domain/reads/touch.js';
import { appending, type Appended } from './append-queries.js';
import type { Db } from './connection.js';
import { insertingEvents, type PlacedEvent } from './event-queries.js';
import { gathered } from './gathered.js';
import { fromKeyJson, keysJson, signersJson, type KeyJson, type NamespaceKey } from './key-json.js';
import type { SigningKeyRow } from './key-queries.js';
import type { UsageRow } from './limit-queries.js';
import { newestOf } from './newest-version.js';
import { notifying } from './notify-queries.js';
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

/** Versions that are about to be published together. */
export interface PublishLookup {
  readonly refs: readonly PublishRef[];
  /** As far as the versions of each workflow are counted, 0 for not at all: what a workflow may have. */
  readonly countUpTo: number;
}

/** What is there where a version is about to be published. */
export interface PublishTarget {
  readonly namespaceId: number;
  readonly realm: string;
  /** All that the log has confirmed for the namespace, read in the same moment as everything else. */
  readonly keys: readonly SigningKeyRow[];
  /** Undefined for a workflow without any version. */
  readonly workflowId: number | undefined;
  /**
   * How many versions the workflow has, up to where they are counted, whether the log has confirmed them or not. 0 also where
   * the whole namespace has so few that it does not matter.
   */
  readonly versions: number;
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
  /** With the first target of each workflow. */
  readonly versions: number | null;
  readonly before_version: string | null;
  readonly parameters: unknown;
  readonly outputs: unknown;
  readonly keys: readonly KeyJson[] | null;
}

/**
 * All targets with one statement, in the order asked for; undefined where there is no such namespace. Those who ask in one
 * moment ask together.
 */
export const findPublishTargets = gathered<PublishLookup, readonly (PublishTarget | undefined)[]>(
  async (db, asked) => {
    const refs = asked.flatMap((each) => each.refs);
    const countUpTo = Math.max(...asked.map((each) => each.countUpTo));
    const found = [...(await selectTargets(db, { refs, countUpTo }))];
    return asked.map((each) => found.splice(0, each.refs.length));
  },
  ({ refs }) => refs.length,
);

/**
 * Each look is bounded also by a plan that was made while the tables were small: as a mere join, what one index finds by two
 * columns of two tables is found by the first of them, and all else that has it is read as well.
 */
async function selectTargets(
  db: Db,
  { refs, countUpTo }: PublishLookup,
): Promise<readonly (PublishTarget | undefined)[]> {
  const { rows } = await sql<TargetRow>`
    select n.id as namespace_id, n.realm, w.id as workflow_id, v.id as version_id,
      encode(v.tar_sha256, 'hex') as tar_sha256, b.version as before_version,
      b.summary -> 'parameters' as parameters, b.summary -> 'outputs' as outputs,
      case when n.id is not null and row_number() over (partition by n.id order by r.ordinal) = 1
        then ${keysJson(sql`n.id`)} end as keys,
      case when w.id is not null and row_number() over (partition by w.id order by r.ordinal) = 1
          and ${countUpTo}::bigint > 0 and ${countUpTo}::bigint < ${refs.length}::bigint
            + coalesce((select q.versions from quota_usage q where q.subject = 'ns:' || n.id), 0)
        then (select count(*) from (
          select from versions where workflow_id = w.id limit ${countUpTo}::bigint) counted) end as versions
    from unnest(${refs.map((r) => r.namespace)}::text[], ${refs.map((r) => r.name)}::text[],
      ${refs.map((r) => r.version)}::text[], ${refs.map((r) => r.sortKey)}::text[])
      with ordinality as r(namespace, name, version, sort_key, ordinal)
    left join namespaces n on n.name = r.namespace and n.log_index is not null
    left join lateral (
      select id from workflows where namespace_id = n.id and name = r.name limit 1) w on true
    left join lateral (
      select id, tar_sha256 from versions where workflow_id = w.id and version = r.version limit 1) v on true
    left join lateral (
      select id from (select * from ${newestOf(sql`w.id`, 'active', 'stable', sql`r.sort_key`)}
        union all select * from ${newestOf(sql`w.id`, 'deprecated', 'stable', sql`r.sort_key`)}) u
      order by sort_key desc limit 1) u on true
    left join versions b on b.id = u.id
    order by r.ordinal`.execute(db);
  // Told with the first target of each namespace.
  const keysOf = new Map<number | null, readonly SigningKeyRow[]>();
  for (const { namespace_id, keys } of rows) if (keys) keysOf.set(namespace_id, keys.map(fromKeyJson));
  const versionsOf = new Map<number | null, number>();
  for (const { workflow_id, versions } of rows) if (versions !== null) versionsOf.set(workflow_id, versions);
  return rows.map((row) =>
    toTarget(row, keysOf.get(row.namespace_id) ?? [], versionsOf.get(row.workflow_id) ?? 0),
  );
}

function toTarget(
  row: TargetRow,
  keys: readonly SigningKeyRow[],
  versions: number,
): PublishTarget | undefined {
  const { namespace_id, realm, workflow_id, version_id, tar_sha256, before_version } = row;
  if (namespace_id === null) return undefined;
  return {
    namespaceId: namespace_id,
    realm,
    keys,
    workflowId: workflow_id ?? undefined,
    versions,
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
  readonly leaf: QueuedLeaf;
}

/** A record, and which group of the statement it belongs to. */
export type GroupedRecord = VersionRecord & { readonly group_no: number };

/** What was stored, and how much its subjects have stored with it. */
export interface StoredVersions {
  /** Of the versions, in the order of their records. */
  readonly ids: readonly number[];
  readonly usage: readonly UsageRow[];
  /** The keys that have signed, as they are held now. */
  readonly signers: readonly NamespaceKey[];
}

interface StoredRow {
  readonly ids: readonly number[] | null;
  readonly usage: readonly UsageRow[] | null;
  readonly signers: readonly KeyJson[] | null;
}

/** Where versions get their places in the log in the transaction that stores them, which holds the log's state. */
export interface Placing {
  /** Of the first one; the others follow in the order of their records. */
  readonly firstIndex: number;
  readonly checkpointSize: number;
  readonly at: Date;
  readonly appended: Appended;
  readonly events: readonly PlacedEvent[];
  /** Who is told, once it is committed. */
  readonly touches: readonly Touch[];
}

/**
 * Stores versions with their workflows where those are new, each with its audit row and its leaf, and counts them for their
 * namespaces and tokens, in one statement. It also reads the keys that have signed, once more: whoever calls holds them
 * (`tryHoldKeys`), and judges.
 *
 * Without a placing the leaves wait in the queue of the log, which those of a group of several leave together. With one they
 * are appended by the same statement: all of it is seen at once, or nothing.
 *
 * The rows of the usage stay locked until the transaction ends, so no two transactions both take what is left; they are locked
 * in one order, so none waits for another that waits for it. The main select reads them, so they are locked before versions
 * are inserted: two that store the same version meet here, and not at its unique index. Workflows that exist are not locked: the sequencer needs them.
 *
 * @returns undefined when another transaction has created one of the workflows at the same moment: it is seen by the next one
 * @throws the database's unique violation of `versions_unique` when one of the versions exists
 */
export async function insertVersions(
  trx: Trx,
  records: readonly GroupedRecord[],
  placing?: Placing,
): Promise<StoredVersions | undefined> {
  const signers = signersJson(
    records.map((r) => r.namespace_id),
    records.flatMap((r) => r.key_ids),
    placing?.at,
  );
  const place = placing === undefined ? WAITING : placeOf(placing);
  const { rows } = await sql<StoredRow>`
    with given as materialized (
      select * from rows from (jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as (
        group_no int, namespace_id bigint, namespace text, realm text, name text, version text, sort_key text,
        is_prerelease boolean, tar_sha256 text, tar_size bigint, blob_sha256 text, blob_size bigint, envelope text,
        key_ids text[], summary jsonb, readme text, search text, user_id bigint, via text, token_id text,
        request_id text, detail jsonb, leaf jsonb)) with ordinality
    ), opened as (
      insert into workflows (namespace_id, name)
      select distinct g.namespace_id, g.name
      from given g left join workflows w on w.namespace_id = g.namespace_id and w.name = g.name
      where w.id is null order by 1, 2
      on conflict on constraint workflows_name_unique do nothing
      returning id, namespace_id, name
    ), numbered as materialized (
      select g.*, w.id as workflow_id, count(*) over (partition by g.group_no) as group_size, w.is_new,
        nextval('versions_id_seq') as version_id, nextval('audit_id_seq') as audit_id
      from given g cross join lateral (
        select o.id, true as is_new from opened o where o.namespace_id = g.namespace_id and o.name = g.name
        union all
        select e.id, false from workflows e where e.namespace_id = g.namespace_id and e.name = g.name) w
    ), stored as (
      insert into versions (id, workflow_id, version, sort_key, is_prerelease, tar_sha256, tar_size, blob_sha256,
        blob_size, envelope, key_ids, summary, readme, search, published_by, published_via, published_token,
        log_index, checkpoint_size, published_at)
      overriding system value
      select version_id, workflow_id, version, sort_key, is_prerelease, decode(tar_sha256, 'base64'), tar_size,
        decode(blob_sha256, 'base64'), blob_size, decode(envelope, 'base64'), key_ids, summary, readme,
        search::tsvector, user_id, via, token_id, ${place.index}, ${place.checkpointSize}, ${place.at}
      from numbered order by ordinality
    ), audited as (
      insert into audit (id, user_id, token_id, action, namespace, workflow, version, request_id, detail, log_index)
      overriding system value
      select audit_id, user_id, token_id, 'workflow.publish', namespace, name, version, request_id, detail,
        ${place.index}
      from numbered
    ), ${place.leaves}, used as (
      insert into quota_usage as q (subject, bytes, versions, workflows)
      select s.subject, sum(n.blob_size), count(*), count(distinct n.workflow_id) filter (where n.is_new)
      from numbered n cross join lateral (values ('ns:' || n.namespace_id), ('token:' || n.token_id)) as s(subject)
      group by s.subject order by s.subject collate "C"
      on conflict (subject) do update set bytes = q.bytes + excluded.bytes,
        versions = q.versions + excluded.versions, workflows = q.workflows + excluded.workflows
      returning subject, bytes, versions, workflows
    )
    select (select json_agg(version_id order by ordinality) from numbered) as ids,
      (select json_agg(json_build_object('subject', u.subject, 'bytes', u.bytes, 'versions', u.versions,
        'workflows', u.workflows, 'max_bytes', l.bytes, 'max_versions', l.versions, 'max_workflows', l.workflows))
        from used u left join limits l
          on l.subject = u.subject and (l.expires_at is null or l.expires_at > now())) as usage,
      ${signers} as signers, ${place.told} as told`.execute(trx);
  const [row] = rows;
  const ids = row?.ids ?? [];
  if (ids.length !== records.length) return undefined;
  return { ids, usage: row?.usage ?? [], signers: (row?.signers ?? []).map(fromKeyJson) };
}

/** What a statement that stores versions says of their places. */
interface PlaceParts {
  /** Of the row of `numbered`. */
  readonly index: RawBuilder<number | null>;
  readonly checkpointSize: RawBuilder<number | null>;
  readonly at: RawBuilder<Date | null>;
  /** Parts of its `with`. */
  readonly leaves: RawBuilder<unknown>;
  readonly told: RawBuilder<number | null>;
}

/** They have none yet: their leaves wait in the queue. */
const WAITING: PlaceParts = {
  index: sql`null::bigint`,
  checkpointSize: sql`null::bigint`,
  at: sql`null::timestamptz`,
  leaves: sql`
    queued as (
      insert into log_queue (realm, namespace, leaf, subject_kind, subject_id, audit_id, group_id)
      select realm, namespace, leaf, 'version', version_id, audit_id,
        case when group_size > 1 then min(audit_id) over (partition by group_no) end
      from numbered order by ordinality)`,
  told: sql`null::bigint`,
};

function placeOf({ firstIndex, checkpointSize, at, appended, events, touches }: Placing): PlaceParts {
  return {
    index: sql`${firstIndex}::bigint + ordinality - 1`,
    checkpointSize: sql`${checkpointSize}::bigint`,
    at: sql`${at}::timestamptz`,
    leaves: sql`${appending(appended)}, happened as (${insertingEvents(events)})`,
    told: notifying(touches),
  };
}
