import type { VersionDocument, VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import type { Permissions } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { downloadsOf, type VersionDownloads } from '../../db/download-queries.js';
import {
  findPublished,
  findWorkflow,
  versionsOf,
  type PublishedRow,
  type VersionRef,
  type WorkflowRef,
} from '../../db/workflow-queries.js';
import { channelVersions } from '../channels/documents.js';
import { RegistryError } from '../error.js';
import type { VersionFacts } from '../publish/facts.js';
import type { BundleSource } from '../reads/bundles.js';

/**
 * The document of a workflow: metadata of the version that represents it, channels, and all versions.
 *
 * @throws RegistryError `workflow.not_found`
 */
export async function getWorkflowDocument(db: Db, ref: WorkflowRef): Promise<WorkflowDocument> {
  const workflow = await findWorkflow(db, ref);
  if (!workflow)
    throw new RegistryError('workflow.not_found', `there is no workflow ${ref.namespace}/${ref.name}`);
  const versions = await versionsOf(db, workflow.id);
  const downloads = await downloadsOf(db, workflow.id);
  const facts = workflow.summary;
  const isStable = workflow.state === 'active' && workflow.is_prerelease === false;
  return {
    id: `${ref.namespace}/${ref.name}`,
    ...described(facts),
    channels: await channelVersions(db, workflow.id, isStable ? workflow.version : null),
    permissions: mutablePermissions(facts?.permissions),
    downloads: [...downloads.values()].reduce((sum, { total }) => sum + total, 0),
    versions: versions.map((row) => ({ ...toVersionSummary(row), ...counted(downloads.get(row.id)) })),
  };
}

/**
 * A version that the log has confirmed.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`
 */
export async function getPublished(db: Db, ref: VersionRef) {
  const row = await findPublished(db, ref);
  if (row) return row;
  const id = `${ref.namespace}/${ref.name}`;
  if (!(await findWorkflow(db, ref)))
    throw new RegistryError('workflow.not_found', `there is no workflow ${id}`);
  throw new RegistryError('version.not_found', `${id} has no version ${ref.version}`);
}

/**
 * A version whose bundle may be had, and where the bundle is.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`, `state.quarantined`
 */
export async function getObtainable(
  db: Db,
  ref: VersionRef,
): Promise<{ readonly versionId: number; readonly source: BundleSource }> {
  const { id, state, reason, tar_sha256, tar_size, blob_size, blob_sha256 } = await getPublished(db, ref);
  if (state === 'quarantined')
    throw new RegistryError(
      'state.quarantined',
      `the version is quarantined: ${reason ?? 'no reason was given'}`,
    );
  const digest = `sha256:${tar_sha256.toString('hex')}` as const;
  return {
    versionId: id,
    source: { digest, sizeBytes: blob_size, sha256: blob_sha256, tarSizeBytes: tar_size },
  };
}

/**
 * The document of one version.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`
 */
export async function getVersionDocument(db: Db, ref: VersionRef): Promise<VersionDocument> {
  const row = await getPublished(db, ref);
  const facts = row.summary;
  const downloads = await downloadsOf(db, row.workflow_id);
  return {
    id: `${ref.namespace}/${ref.name}`,
    ...toVersionSummary(row),
    ...counted(downloads.get(row.id)),
    ...described(facts),
    permissions: mutablePermissions(facts.permissions),
    parameters: { ...facts.parameters },
    outputs: [...facts.outputs],
    requirements: [...facts.requirements],
    steps: facts.steps.map((s) => ({ id: s.id, needs: [...s.needs] })),
    files: facts.files.map((f) => ({ ...f })),
    ...(facts.source && { source: facts.source }),
  };
}

function counted(downloads: VersionDownloads | undefined) {
  if (downloads === undefined) return { downloads: 0 };
  const { total, byDay } = downloads;
  return { downloads: total, ...(Object.keys(byDay).length > 0 && { downloadsByDay: { ...byDay } }) };
}

function toVersionSummary(row: PublishedRow): VersionSummary {
  return {
    version: row.version,
    digest: `sha256:${row.tar_sha256.toString('hex')}`,
    sizeBytes: row.tar_size,
    blobSizeBytes: row.blob_size,
    state: row.state,
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.replacement !== null && { replacement: row.replacement }),
    ...(row.revoked !== null && { revoked: row.revoked }),
    publishedAt: row.published_at.toISOString(),
    publishedVia: row.published_via,
    logIndex: row.log_index,
    signers: row.key_ids,
  };
}

function described(facts: VersionFacts | null) {
  return {
    ...(facts?.title !== undefined && { title: facts.title }),
    ...(facts?.description !== undefined && { description: facts.description }),
    tags: [...(facts?.tags ?? [])],
    ...(facts?.license !== undefined && { license: facts.license }),
    ...(facts?.homepage !== undefined && { homepage: facts.homepage }),
  };
}

function mutablePermissions(permissions: Permissions | undefined) {
  return {
    network: [...(permissions?.network ?? [])],
    exec: [...(permissions?.exec ?? [])],
    read: [...(permissions?.read ?? [])],
    write: [...(permissions?.write ?? [])],
    secrets: [...(permissions?.secrets ?? [])],
  };
}
