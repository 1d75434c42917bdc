import { sql, type ExpressionBuilder, type Transaction } from 'kysely';
import type { VersionSummary } from '@sheaf/client/contract';
import type { Namespace, Permissions, Version, WorkflowName } from '@sheaf/workflow';
import type { ReadablePrivate } from '../domain/access/reading.js';
import { foresee, type StatedRelease } from '../domain/releases/transitions.js';
import type { Db } from './connection.js';
import type { Database } from './schema.js';
import { isVisible } from './visible.js';

type Trx = Transaction<Database>;

export interface WorkflowRef {
  readonly namespace: Namespace;
  readonly name: WorkflowName;
}
export interface VersionRef extends WorkflowRef {
  readonly version: Version;
}

const VERSION_COLUMNS = [
  'versions.id',
  'versions.workflow_id',
  'versions.version',
  'versions.state',
  'versions.reason',
  'versions.replacement',
  'versions.tar_sha256',
  'versions.tar_size',
  'versions.blob_sha256',
  'versions.blob_size',
  'versions.key_ids',
  'versions.published_via',
  'versions.published_at',
  'versions.log_index',
  'versions.checkpoint_size',
  'versions.state_index',
] as const;

/** Whether an error says that the named unique constraint was hit. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '23505' &&
    'constraint' in error &&
    error.constraint === constraint
  );
}

export async function findWorkflowId(
  db: Db | Trx,
  namespaceId: number,
  name: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('workflows')
    .select('id')
    .where('namespace_id', '=', namespaceId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.id;
}

/** A version that the log has confirmed. */
export async function findPublished(db: Db, ref: VersionRef) {
  const row = await selectVersions(db)
    .select(['versions.envelope', 'versions.summary'])
    .where('namespaces.name', '=', ref.namespace)
    .where('workflows.name', '=', ref.name)
    .where('versions.version', '=', ref.version)
    .where('versions.log_index', 'is not', null)
    .executeTakeFirst();
  return row && confirmed(row);
}

/** A workflow with a confirmed version, and what represents it. */
export function findWorkflow(db: Db, ref: WorkflowRef) {
  return db
    .selectFrom('workflows')
    .innerJoin('namespaces', 'namespaces.id', 'workflows.namespace_id')
    .leftJoin('versions as latest', 'latest.id', 'workflows.latest_version_id')
    .select(['workflows.id', 'latest.version', 'latest.state', 'latest.is_prerelease', 'latest.summary'])
    .where('namespaces.name', '=', ref.namespace)
    .where('workflows.name', '=', ref.name)
    .where(hasConfirmedVersion)
    .executeTakeFirst();
}

/** Whether a workflow, or one version of it, is confirmed in one of these realms. */
export async function isPublishedIn(
  db: Db,
  realms: readonly string[],
  { namespace, name, version }: WorkflowRef & { readonly version?: Version },
): Promise<boolean> {
  const row = await db
    .selectFrom('workflows')
    .innerJoin('namespaces', 'namespaces.id', 'workflows.namespace_id')
    .innerJoin('versions', 'versions.workflow_id', 'workflows.id')
    .select('versions.id')
    .where('namespaces.realm', 'in', realms)
    .where('namespaces.name', '=', namespace)
    .where('workflows.name', '=', name)
    .where('versions.log_index', 'is not', null)
    .$if(version !== undefined, (query) => query.where('versions.version', '=', version ?? ''))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function hasConfirmedVersion(eb: ExpressionBuilder<Database, 'workflows'>) {
  return eb.exists(
    eb
      .selectFrom('versions')
      .select('versions.id')
      .whereRef('versions.workflow_id', '=', 'workflows.id')
      .where('versions.log_index', 'is not', null),
  );
}

/** Confirmed versions, newest first by SemVer precedence. */
export async function versionsOf(db: Db, workflowId: number) {
  const rows = await selectVersions(db)
    .where('versions.workflow_id', '=', workflowId)
    .where('versions.log_index', 'is not', null)
    .orderBy('versions.sort_key', 'desc')
    .execute();
  return rows.map(confirmed);
}

/** What each confirmed version of a workflow asks for. */
export async function permissionsOf(
  db: Db,
  workflow: WorkflowRef,
): Promise<ReadonlyMap<string, Permissions>> {
  const rows = await db
    .selectFrom('versions')
    .innerJoin('workflows', 'workflows.id', 'versions.workflow_id')
    .innerJoin('namespaces', 'namespaces.id', 'workflows.namespace_id')
    .select(['versions.version', sql<Permissions>`versions.summary -> 'permissions'`.as('permissions')])
    .where('namespaces.name', '=', workflow.namespace)
    .where('workflows.name', '=', workflow.name)
    .where('versions.log_index', 'is not', null)
    .execute();
  return new Map(rows.map(({ version, permissions }) => [version, permissions]));
}

/**
 * The confirmed version whose bundle has this tar digest, when the caller may read it. There is at most one: the definition
 * in the bundle names it.
 */
export function findVersionOfDigest(db: Db, tarSha256: Buffer, readable: ReadablePrivate) {
  return db
    .selectFrom('versions as v')
    .innerJoin('workflows as w', 'w.id', 'v.workflow_id')
    .innerJoin('namespaces as n', 'n.id', 'w.namespace_id')
    .select(['n.name as namespace', 'w.name', 'v.version', 'n.visibility'])
    .where('v.tar_sha256', '=', tarSha256)
    .where('v.log_index', 'is not', null)
    .where(isVisible(readable))
    .executeTakeFirst();
}

/**
 * Locks a confirmed version for a change of its state, and answers the state that it will have once all changes that wait
 * in the queue are placed: they were accepted, so the next one is decided upon them.
 */
export async function lockPublished(trx: Trx, id: number): Promise<StatedRelease> {
  const placed = await trx
    .selectFrom('versions')
    .select(['state', 'reason', 'replacement'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  // The log needs this row to place a change: from here on none can leave the queue.
  const waiting = await trx
    .selectFrom('log_queue')
    .select('leaf')
    .where('subject_kind', '=', 'state')
    .where('subject_id', '=', id)
    .orderBy('id')
    .execute();
  return foresee(
    placed,
    waiting.map(({ leaf }) => leaf),
  ).release;
}

/** The revocation that refuses a version. An index names one leaf of the namespace's log. */
const revocation = sql<NonNullable<VersionSummary['revoked']> | null>`
  case when versions.revoked_index is not null then (
    select json_build_object('logIndex', r.log_index, 'keyid', k.key_id, 'reason', r.reason)
    from key_revocations r join keys k on k.id = r.key_id
    where k.namespace_id = workflows.namespace_id and r.log_index = versions.revoked_index) end`;

function selectVersions(db: Db) {
  return db
    .selectFrom('versions')
    .innerJoin('workflows', 'workflows.id', 'versions.workflow_id')
    .innerJoin('namespaces', 'namespaces.id', 'workflows.namespace_id')
    .select(VERSION_COLUMNS)
    .select(['namespaces.realm', revocation.as('revoked')]);
}

interface Confirmable {
  readonly log_index: number | null;
  readonly checkpoint_size: number | null;
  readonly published_at: Date | null;
}

/** The columns that the constraint `versions_logged` keeps together, without their nulls. */
function confirmed<Row extends Confirmable>(row: Row) {
  const { log_index, checkpoint_size, published_at } = row;
  if (log_index === null || checkpoint_size === null || published_at === null)
    throw new Error('the version is not in the log');
  return { ...row, log_index, checkpoint_size, published_at };
}

export type PublishedRow = Awaited<ReturnType<typeof versionsOf>>[number];
