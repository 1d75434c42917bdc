import type { NamespaceDocument, VersionDocument, WorkflowDocument } from '@sheaf/client/contract';
import type { Permissions, Version } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { permissionsOf, type WorkflowRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../../domain/error.js';
import { getNamespaceDocument } from '../../domain/namespaces/namespaces.js';
import { getVersionDocument, getWorkflowDocument } from '../../domain/workflows/documents.js';
import { representative, versionBefore } from './versions.js';

/** What pages about one version know of it. */
export interface Release {
  readonly namespace: string;
  readonly name: string;
  readonly workflow: WorkflowDocument;
  readonly version: VersionDocument;
  /** In the order of the log. */
  readonly keys: NamespaceDocument['keys'];
  /** What it is compared with, and what that asks for; undefined for a first version. */
  readonly before: { readonly version: string; readonly permissions: Permissions } | undefined;
}

/**
 * A version of a workflow that the caller may read, by default the one that represents it.
 *
 * @throws RegistryError `workflow.not_found`, `version.not_found`
 */
export async function loadRelease(
  db: Db,
  ref: WorkflowRef & { readonly version?: Version },
): Promise<Release> {
  const workflow = await getWorkflowDocument(db, ref);
  const shown = ref.version ?? representative(workflow);
  if (shown === undefined)
    throw new RegistryError('workflow.not_found', `there is no workflow ${workflow.id}`);
  const version = await getVersionDocument(db, { ...ref, version: shown as Version });
  const { keys } = await getNamespaceDocument(db, ref.namespace, undefined);
  const before = versionBefore(workflow.versions, shown);
  const asked = before && (await permissionsOf(db, ref)).get(before.version);
  return {
    namespace: ref.namespace,
    name: ref.name,
    workflow,
    version,
    keys,
    before: before && asked && { version: before.version, permissions: asked },
  };
}
