import { findNameProblem, type WorkflowName } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { signingKeys } from '../../db/key-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { findPublished, findVersion, findWorkflowId, isUniqueViolation } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import type { ObjectStore } from '../../objects/port.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import type { Failpoint } from '../failpoint.js';
import { renderReceipt } from '../log/receipts.js';
import { assertLogOpen, settleLog, type SettleDeps } from '../log/settle.js';
import { recordVersion, type Recording } from './record.js';
import { storeBlob } from './store-blob.js';
import type { UploadBudget } from './upload-budget.js';
import { readClaim, verifyUpload, type Claim, type Upload, type VerifiedUpload } from './verify-upload.js';

export interface PublishDeps extends SettleDeps {
  readonly objects: ObjectStore;
  readonly uploads: UploadBudget;
  readonly origin: string;
  readonly failpoint: Failpoint;
}

export interface Published {
  readonly created: boolean;
  readonly claim: Claim;
  readonly receipt: Buffer;
}

/**
 * Publishes one version: verify everything, put the blob, one short transaction, let the log confirm, answer with
 * the receipt. A crash at any point leaves the version absent or complete, and the same request again converges:
 * the same digest gets the same receipt, another digest is refused.
 */
export async function publishVersion(deps: PublishDeps, caller: Caller, upload: Upload): Promise<Published> {
  const claim = readClaim(upload.envelope);
  authorize(caller.principal, 'workflow.publish', { namespace: claim.namespace, workflow: claim.name });
  const namespace = await findNamespace(deps.db, claim.namespace);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${claim.namespace}`);
  const keys = await signingKeys(deps.db, namespace.id);
  const verified = await verifyUpload(upload, claim, {
    origin: deps.origin,
    keys,
    uploads: deps.uploads,
  });

  const existing = await findSame(deps, claim, verified);
  if (existing !== undefined)
    return { created: false, claim, receipt: await receiptOf(deps, namespace.realm, claim, existing) };
  await assertNameUsable(deps.db, namespace.id, claim.name);
  await assertLogOpen(deps, namespace.realm);
  const blob = await storeBlob(deps.objects, verified.bundle, upload.blob);
  await deps.failpoint('publish.after_blob');

  const { id, created } = await record(deps, {
    principal: caller.principal,
    requestId: caller.requestId,
    claim,
    verified,
    blob,
    namespaceId: namespace.id,
    realm: namespace.realm,
  });
  await deps.failpoint('publish.after_transaction');
  const receipt = await receiptOf(deps, namespace.realm, claim, id);
  await deps.failpoint('publish.before_answer');
  return { created, claim, receipt };
}

/** The id of the version when it is there with the same content. @throws RegistryError `version.exists` */
async function findSame(
  deps: PublishDeps,
  claim: Claim,
  verified: VerifiedUpload,
): Promise<number | undefined> {
  const existing = await findVersion(deps.db, claim);
  if (!existing) return undefined;
  const held = `sha256:${existing.tar_sha256.toString('hex')}`;
  if (held === verified.bundle.digest) return existing.id;
  throw new RegistryError(
    'version.exists',
    `${claim.namespace}/${claim.name} ${claim.version} exists as ${held}`,
    { digest: held },
  );
}

/** The one transaction. Nothing is created when another request published the same content in the meantime. */
async function record(deps: PublishDeps, recording: Recording): Promise<{ id: number; created: boolean }> {
  try {
    const id = await deps.db.transaction().execute((trx) => recordVersion(trx, recording));
    return { id, created: true };
  } catch (error) {
    if (!isUniqueViolation(error, 'versions_unique')) throw error;
    // Two requests raced: the one that lost sees what the other stored.
    const id = await findSame(deps, recording.claim, recording.verified);
    if (id === undefined) throw error;
    return { id, created: false };
  }
}

/** Refuses a name that may not be used; asked only when it is first used, before anything is stored. */
async function assertNameUsable(db: Db, namespaceId: number, name: WorkflowName): Promise<void> {
  const problem = findNameProblem(name);
  if (!problem || (await findWorkflowId(db, namespaceId, name)) !== undefined) return;
  const { code, message, hint } = problem;
  throw new RegistryError('workflow.name_refused', message, { errors: [{ code, detail: message, hint }] });
}

/** The receipt of a version that is stored; waits until the log has confirmed it. */
async function receiptOf(deps: PublishDeps, realm: string, claim: Claim, id: number): Promise<Buffer> {
  await settleLog(deps, realm, { kind: 'version', id });
  const version = await findPublished(deps.db, claim);
  if (!version) throw new Error('a version that the log has confirmed cannot be found');
  return renderReceipt(
    { db: deps.db, realm },
    {
      envelope: version.envelope,
      logIndex: version.log_index,
      checkpointSize: version.checkpoint_size,
    },
  );
}
