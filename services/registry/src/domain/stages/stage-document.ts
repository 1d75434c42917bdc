import {
  parseEnvelope,
  PAYLOAD_TYPE_STATEMENT,
  publicKeyFromRaw,
  verifyEnvelope,
  type Envelope,
} from '@sheaf/bundle';
import type { Stage, StagedVersion } from '@sheaf/client/contract';
import { signingKeys, type SigningKeyRow } from '../../db/key-queries.js';
import type { Db } from '../../db/connection.js';
import type { StagedRow, StageRow } from '../../db/stage-queries.js';
import { findJobSigner } from '../trusted/job-signer.js';

/** Of the keys of the namespace, those whose signatures an envelope holds. */
export function signersOf(envelope: Envelope, keys: readonly SigningKeyRow[]): readonly string[] {
  const active = keys.filter((k) => !k.is_revoked).map((k) => publicKeyFromRaw(k.public_key));
  // Each signature alone: one that does not verify any more says nothing of the others.
  const signers = envelope.signatures.flatMap((signature) => {
    try {
      const single = { ...envelope, signatures: [signature] };
      return verifyEnvelope(single, PAYLOAD_TYPE_STATEMENT, active, 1).signers.map(({ id }) => id);
    } catch {
      return [];
    }
  });
  return [...new Set(signers)];
}

/** How many keys must have signed: what the namespace asks for, and always one beside the one that staged it. */
export function stageThreshold(keys: readonly SigningKeyRow[]): number {
  return Math.max(2, ...keys.map((k) => k.threshold));
}

/** What is told of stages, with the keys as they are now. */
export async function stageDocuments(db: Db, stages: readonly StageRow[]): Promise<readonly Stage[]> {
  const keys = new Map<number, readonly SigningKeyRow[]>();
  for (const { namespace_id } of stages.flatMap(({ versions }) => versions))
    if (!keys.has(namespace_id)) keys.set(namespace_id, await signingKeys(db, namespace_id));
  // What a job has signed counts as long as its key does.
  const jobs = new Map(
    await Promise.all(
      stages
        .flatMap(({ versions }) => versions)
        .map(async (row) => {
          const target = { namespaceId: row.namespace_id, workflow: row.name };
          const registered = keys.get(row.namespace_id) ?? [];
          return [row, await findJobSigner(db, target, parseEnvelope(row.envelope), { registered })] as const;
        }),
    ),
  );
  return stages.map((stage) => ({
    id: stage.id,
    ...(stage.user !== null && { createdBy: stage.user }),
    createdAt: stage.created_at.toISOString(),
    expiresAt: stage.expires_at.toISOString(),
    forced: stage.is_forced,
    versions: stage.versions.map((row) =>
      describe(row, [...(keys.get(row.namespace_id) ?? []), ...(jobs.get(row) ?? [])]),
    ),
  }));
}

function describe(row: StagedRow, keys: readonly SigningKeyRow[]): StagedVersion {
  const envelope = parseEnvelope(row.envelope);
  return {
    id: `${row.namespace}/${row.name}`,
    version: row.version,
    digest: `sha256:${row.tar_sha256.toString('hex')}`,
    sizeBytes: row.tar_size,
    blobSizeBytes: row.blob_size,
    envelope: {
      payload: envelope.payload,
      payloadType: envelope.payloadType,
      signatures: envelope.signatures.map(({ keyid, sig }) => ({
        ...(keyid !== undefined && { keyid }),
        sig,
      })),
    },
    signers: [...signersOf(envelope, keys)],
    threshold: stageThreshold(keys),
  };
}
