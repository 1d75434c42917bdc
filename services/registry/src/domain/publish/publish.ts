import { encodeEnvelope, publicKeyFromRaw, type PublicKey } from '@sheaf/bundle';
import { createHash } from 'node:crypto';
import { findNameProblem, type WorkflowName } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import { insertAudit } from '../../db/audit-queries.js';
import { activeKeys } from '../../db/key-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { insertOutbox } from '../../db/outbox-queries.js';
import {
  findVersion,
  findWorkflowId,
  insertVersion,
  openWorkflow,
  isUniqueViolation,
} from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import type { ObjectStore } from '../../objects/port.js';
import { authorize } from '../access/authorization.js';
import type { Caller, Principal } from '../access/principal.js';
import type { Failpoint } from '../failpoint.js';
import type { QueuedLeaf } from '../log/leaves.js';
import { renderReceipt } from '../log/receipts.js';
import { settleLog, type SettleDeps } from '../log/settle.js';
import { versionSortKey } from '../workflows/sort-key.js';
import { storeBlob } from './store-blob.js';
import { deriveFacts, findReadme } from './facts.js';
import { readClaim, verifyUpload, type Claim, type Upload, type VerifiedUpload } from './verify-upload.js';

export interface PublishDeps extends SettleDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly origin: string;
  readonly realm: string;
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
  const keys = await activeKeys(deps.db, namespace.id);
  const verified = await verifyUpload(upload, claim, {
    origin: deps.origin,
    authorised: keys.map((k) => publicKeyFromRaw(k.public_key)),
  });

  if (await isPublished(deps, claim, verified))
    return { created: false, claim, receipt: await receiptOf(deps, claim) };
  const blob = await storeBlob(deps.objects, verified.bundle, upload.blob);
  await deps.failpoint('publish.after_blob');

  const authorities = new Map(keys.map((k) => [k.key_id, k.log_index]));
  const created = await record(deps, caller.principal, caller.requestId, {
    claim,
    verified,
    blob,
    namespaceId: namespace.id,
    authorities,
  });
  await deps.failpoint('publish.after_transaction');
  const receipt = await receiptOf(deps, claim);
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

type PublishLeaf = Extract<QueuedLeaf, { type: 'publish' }>;

interface Recording {
  readonly claim: Claim;
  readonly verified: VerifiedUpload;
  /** The compressed bundle as the object store holds it. */
  readonly blob: Uint8Array;
  readonly namespaceId: number;
  readonly authorities: ReadonlyMap<string, number>;
}

/** The one transaction. False when another request published the same content in the meantime. */
async function record(
  deps: PublishDeps,
  principal: Principal,
  requestId: string,
  recording: Recording,
): Promise<boolean> {
  const leaf = publishLeaf(recording);
  try {
    await deps.db
      .transaction()
      .execute((trx) => recordIn(trx, deps.realm, { principal, requestId, leaf, recording }));
    return true;
  } catch (error) {
    // Two requests raced: the one that lost sees what the other stored.
    if (
      isUniqueViolation(error, 'versions_unique') &&
      (await isPublished(deps, recording.claim, recording.verified))
    )
      return false;
    throw error;
  }
}

interface RecordInput {
  readonly principal: Principal;
  readonly requestId: string;
  readonly leaf: PublishLeaf;
  readonly recording: Recording;
}

async function recordIn(trx: Transaction<Database>, realm: string, input: RecordInput): Promise<void> {
  const { principal, requestId, leaf, recording } = input;
  const { claim, verified } = recording;
  const target = { namespace: claim.namespace, workflow: claim.name, version: claim.version };
  const { digest } = verified.bundle;
  const subjectId = await insertVersion(trx, {
    workflow_id: await workflowIdOf(trx, recording.namespaceId, claim.name),
    version: claim.version,
    sort_key: versionSortKey(claim.version),
    is_prerelease: claim.version.includes('-'),
    tar_sha256: Buffer.from(leaf.tar.sha256, 'hex'),
    tar_size: leaf.tar.size,
    blob_sha256: Buffer.from(leaf.blob.sha256, 'hex'),
    blob_size: leaf.blob.size,
    envelope: Buffer.from(encodeEnvelope(claim.envelope)),
    key_ids: [...leaf.keyids],
    summary: JSON.stringify(deriveFacts(verified.bundle, verified.statement)),
    readme: findReadme(verified.bundle) ?? null,
    published_by: principal.userId,
    published_via: 'token',
  });
  const auditId = await insertAudit(trx, {
    principal,
    requestId,
    action: 'workflow.publish',
    ...target,
    detail: { digest },
  });
  await insertOutbox(trx, 'workflow.published', { ...target, digest });
  await enqueueLeaf(trx, {
    realm,
    namespace: claim.namespace,
    leaf,
    subjectKind: 'version',
    subjectId,
    auditId,
  });
}

/** Id of the workflow; a name is checked once, when it is first used. */
async function workflowIdOf(
  trx: Transaction<Database>,
  namespaceId: number,
  name: WorkflowName,
): Promise<number> {
  const existing = await findWorkflowId(trx, namespaceId, name);
  if (existing !== undefined) return existing;
  const problem = findNameProblem(name);
  if (problem) {
    const { code, message, hint } = problem;
    throw new RegistryError('workflow.name_refused', message, { errors: [{ code, detail: message, hint }] });
  }
  return openWorkflow(trx, namespaceId, name);
}

function publishLeaf({ claim, verified, blob, authorities }: Recording): PublishLeaf {
  const signers = verified.signers.map((key: PublicKey) => ({
    keyid: key.id,
    auth: authorities.get(key.id),
  }));
  return {
    type: 'publish',
    ns: claim.namespace,
    name: claim.name,
    version: claim.version,
    tar: { sha256: verified.bundle.digest.slice('sha256:'.length), size: verified.bundle.sizeBytes },
    blob: { sha256: sha256Hex(blob), size: blob.length, enc: 'gzip' },
    envelope: sha256Hex(encodeEnvelope(claim.envelope)),
    keyids: signers.map((s) => s.keyid),
    auth: signers.map((s) => {
      if (s.auth === undefined) throw new Error(`signer ${s.keyid} has no place in the log`);
      return s.auth;
    }),
  };
}

/** The receipt of a version that is stored; waits until the log has confirmed it. */
async function receiptOf(deps: PublishDeps, claim: Claim): Promise<Buffer> {
  let version = await findVersion(deps.db, claim);
  if (version?.log_index === null || version?.log_index === undefined) {
    await settleLog(deps);
    version = await findVersion(deps.db, claim);
  }
  if (version?.log_index == null || version.checkpoint_size === null)
    throw new Error('the log settled without the version');
  return renderReceipt(deps, {
    envelope: version.envelope,
    logIndex: version.log_index,
    checkpointSize: version.checkpoint_size,
  });
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
