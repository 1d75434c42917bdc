import { encodeEnvelope, sha256Hex } from '@sheaf/bundle';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';
import { searchVector } from '../../db/search-vector.js';
import { holdKeys, signingKeys } from '../../db/key-queries.js';
import { insertVersion, openWorkflow } from '../../db/workflow-queries.js';
import type { Principal } from '../access/principal.js';
import type { QueuedLeaf } from '../log/leaves.js';
import { versionSortKey } from '../workflows/sort-key.js';
import { deriveFacts, findReadme } from './facts.js';
import { assertAllActive, assertThreshold } from './signers.js';
import type { Claim, VerifiedUpload } from './verify-upload.js';

type PublishLeaf = Extract<QueuedLeaf, { type: 'publish' }>;

/** A verified upload whose blob is stored, and who sent it. */
export interface Recording {
  readonly principal: Principal;
  readonly requestId: string;
  readonly claim: Claim;
  readonly verified: VerifiedUpload;
  /** The compressed bundle as the object store holds it. */
  readonly blob: Uint8Array;
  readonly namespaceId: number;
  /** The log that the namespace writes to. */
  readonly realm: string;
}

/** Writes a version with its audit row, its event and its queued leaf, in one transaction of the caller's. Answers its id. */
export async function recordVersion(trx: Transaction<Database>, recording: Recording): Promise<number> {
  const { principal, requestId, claim, verified } = recording;
  const leaf = publishLeaf(recording, await holdSigners(trx, recording));
  const target = { namespace: claim.namespace, workflow: claim.name, version: claim.version };
  const { digest } = verified.bundle;
  const facts = deriveFacts(verified.bundle, verified.statement);
  const readme = findReadme(verified.bundle);
  const subjectId = await insertVersion(trx, {
    workflow_id: await openWorkflow(trx, recording.namespaceId, claim.name),
    version: claim.version,
    sort_key: versionSortKey(claim.version),
    is_prerelease: claim.version.includes('-'),
    tar_sha256: Buffer.from(leaf.tar.sha256, 'hex'),
    tar_size: leaf.tar.size,
    blob_sha256: Buffer.from(leaf.blob.sha256, 'hex'),
    blob_size: leaf.blob.size,
    envelope: Buffer.from(encodeEnvelope(claim.envelope)),
    key_ids: [...leaf.keyids],
    summary: JSON.stringify(facts),
    readme: readme ?? null,
    search: searchVector({ namespace: claim.namespace, name: claim.name, facts, readme }),
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
  await enqueueLeaf(trx, {
    realm: recording.realm,
    namespace: claim.namespace,
    leaf,
    subjectKind: 'version',
    subjectId,
    auditId,
  });
  return subjectId;
}

/**
 * Where the log holds each signer's key. Since the upload was verified, a key may have been revoked or the policy have
 * changed: held from here on, neither can come between this version and its place in the log.
 *
 * @throws RegistryError `key.revoked`, `key.threshold`
 */
async function holdSigners(
  trx: Transaction<Database>,
  { namespaceId, verified }: Recording,
): Promise<ReadonlyMap<string, number>> {
  await holdKeys(trx, namespaceId);
  const ids = verified.signers.map((key) => key.id);
  const keys = await signingKeys(trx, namespaceId, ids);
  assertAllActive(keys);
  assertThreshold(keys, ids.length);
  return new Map(keys.map((k) => [k.key_id, k.log_index]));
}

function publishLeaf(
  { claim, verified, blob }: Recording,
  authorities: ReadonlyMap<string, number>,
): PublishLeaf {
  const signers = verified.signers.map((key) => ({
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
