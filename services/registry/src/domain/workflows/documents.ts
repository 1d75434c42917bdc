import type { VersionDocument, VersionSummary, WorkflowDocument } from '@sheaf/client/contract';
import type { Permissions } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import {
  findPublished,
  findWorkflow,
  versionsOf,
  type PublishedRow,
  type VersionRef,
  type WorkflowRef,
} from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import type { VersionFacts } from '../publish/facts.js';

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
  const facts = workflow.summary;
  const isStable = workflow.state === 'active' && workflow.is_prerelease === false;
  return {
    id: `${ref.namespace}/${ref.name}`,
    ...described(facts),
    channels: isStable && workflow.version !== null ? { latest: workflow.version } : {},
    permissions: mutablePermissions(facts?.permissions),
    versions: versions.map(toVersionSummary),
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
 * The document of one version.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`
 */
export async function getVersionDocument(db: Db, ref: VersionRef): Promise<VersionDocument> {
  const row = await getPublished(db, ref);
  const facts = row.summary;
  return {
    id: `${ref.namespace}/${ref.name}`,
    ...toVersionSummary(row),
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
