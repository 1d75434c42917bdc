import { findNameProblem, type WorkflowName } from '@sheaf/workflow';
import type { Db } from '../../db/connection.js';
import { signingKeys } from '../../db/key-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { findVersion, findWorkflowId, isUniqueViolation } from '../../db/workflow-queries.js';
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
import {
  namedKeys,
  readClaim,
  verifyUpload,
  type Claim,
  type Upload,
  type VerifiedUpload,
} from './verify-upload.js';

export interface PublishDeps extends SettleDeps {
  readonly db: Db;
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
  const keys = await signingKeys(deps.db, namespace.id, namedKeys(claim));
  const verified = await verifyUpload(upload, claim, {
    origin: deps.origin,
    keys,
    uploads: deps.uploads,
  });

  if (await isPublished(deps, claim, verified))
    return { created: false, claim, receipt: await receiptOf(deps, namespace.realm, claim) };
  await assertNameUsable(deps.db, namespace.id, claim.name);
  await assertLogOpen(deps, namespace.realm);
  const blob = await storeBlob(deps.objects, verified.bundle, upload.blob);
  await deps.failpoint('publish.after_blob');

  const created = await record(deps, {
    principal: caller.principal,
    requestId: caller.requestId,
    claim,
    verified,
    blob,
    namespaceId: namespace.id,
    realm: namespace.realm,
  });
  await deps.failpoint('publish.after_transaction');
  const receipt = await receiptOf(deps, namespace.realm, claim);
  await deps.failpoint('publish.before_answer');
  return { created, claim, receipt };
}

/** True when the version is there with the same content. */
async function isPublished(deps: PublishDeps, claim: Claim, verified: VerifiedUpload): Promise<boolean> {
  const existing = await findVersion(deps.db, claim);
  if (!existing) return false;
  const held = `sha256:${existing.tar_sha256.toString('hex')}`;
  if (held === verified.bundle.digest) return true;
  throw new RegistryError(
    'version.exists',
    `${claim.namespace}/${claim.name} ${claim.version} exists as ${held}`,
    { digest: held },
  );
}

/** The one transaction. False when another request published the same content in the meantime. */
async function record(deps: PublishDeps, recording: Recording): Promise<boolean> {
  try {
    await deps.db.transaction().execute((trx) => recordVersion(trx, recording));
    return true;
  } catch (error) {
    if (!isUniqueViolation(error, 'versions_unique')) throw error;
    // Two requests raced: the one that lost sees what the other stored.
    if (await isPublished(deps, recording.claim, recording.verified)) return false;
    throw error;
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
async function receiptOf(deps: PublishDeps, realm: string, claim: Claim): Promise<Buffer> {
  await settleLog(deps, realm);
  const version = await findVersion(deps.db, claim);
  if (version?.log_index == null || version.checkpoint_size === null) {
    throw new RegistryError('service.log_lagging', 'the log has not confirmed the version yet');
  }
  return renderReceipt(
    { db: deps.db, realm },
    {
      envelope: version.envelope,
      logIndex: version.log_index,
      checkpointSize: version.checkpoint_size,
    },
  );
}
