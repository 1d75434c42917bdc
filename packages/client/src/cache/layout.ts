import { join } from 'node:path';
import { hexOfDigest, type Digest } from '@sheaf/bundle';
import { splitWorkflowId, type Version, type WorkflowId } from '@sheaf/workflow';

/** Names a receipt: the registry that answered it, as `registryIdOf` names it, the workflow and its version. */
export interface ReceiptKey {
  readonly registry: string;
  readonly id: WorkflowId;
  readonly version: Version;
}

/*
 * blobs/sha256/AB/ABCD….tar.gz             a bundle, by its own digest
 * receipts/REGISTRY/NAMESPACE/NAME/V.json  its receipt
 * partial/                                 what is being downloaded, and by whom
 *
 * `….standings` beside a receipt was written by earlier versions of this program.
 */

/** The folder of cut downloads and of their leases. */
export function partialFolder(dir: string): string {
  return join(dir, 'partial');
}

export function blobsFolder(dir: string): string {
  return join(dir, 'blobs', 'sha256');
}

export function receiptsFolder(dir: string): string {
  return join(dir, 'receipts');
}

export function blobPath(dir: string, digest: Digest): string {
  const hex = hexOfDigest(digest);
  return join(blobsFolder(dir), hex.slice(0, 2), `${hex}.tar.gz`);
}

/** The folder of a workflow's receipts. */
export function workflowPath(dir: string, registry: string, id: WorkflowId): string {
  const { namespace, name } = splitWorkflowId(id);
  return join(receiptsFolder(dir), encodeName(registry), namespace, name);
}

export function receiptPath(dir: string, { registry, id, version }: ReceiptKey): string {
  return join(workflowPath(dir, registry, id), `${version}.json`);
}

/** Not `.json`: with a prerelease in front of it, that would be the receipt of another version. */
export function standingsPath(dir: string, { registry, id, version }: ReceiptKey): string {
  return join(workflowPath(dir, registry, id), `${version}.standings`);
}

/** Any text as one folder name that no other text shares, also where names ignore case. */
export function encodeName(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const c = String.fromCharCode(byte);
    return /[a-z0-9.-]/.test(c) ? c : `_${byte.toString(16).padStart(2, '0')}`;
  })
    .join('')
    .replace(/^(?=\.|$)/, '_');
}
