import { encodeEnvelope, sha256Hex } from '@sheaf/bundle';
import type { VersionRecord } from '../../db/publish-queries.js';
import { vectorText } from '../../db/search-vector.js';
import type { Principal } from '../access/principal.js';
import { assertPlaceable, type QueuedLeaf } from '../log/leaves.js';
import { versionSortKey } from '../workflows/sort-key.js';
import { deriveFacts, findReadme } from './facts.js';
import type { Claim, VerifiedUpload } from './verify-upload.js';

type PublishLeaf = Extract<QueuedLeaf, { type: 'publish' }>;

/** A verified upload whose blob is stored, and who sent it. */
export interface Preparing {
  readonly principal: Principal;
  readonly requestId: string;
  readonly claim: Claim;
  readonly verified: VerifiedUpload;
  /** The compressed bundle as the object store holds it. */
  readonly blob: Uint8Array;
  readonly namespaceId: number;
  /** The log that the namespace writes to. */
  readonly realm: string;
  /** Where the log holds each signer's key. */
  readonly authorities: ReadonlyMap<string, number>;
  /** What the audit says beside the digest. */
  readonly detail: Readonly<Record<string, string>>;
}

/**
 * Everything that will be stored of a version, computed before the transaction begins, which others may wait for.
 *
 * @throws BundleError `leaf.invalid` for one that could never be placed
 */
export function prepareVersion(preparing: Preparing): VersionRecord {
  const { principal, claim, verified } = preparing;
  const { bundle, statement } = verified;
  const envelope = encodeEnvelope(claim.envelope);
  const leaf = publishLeaf(preparing, sha256Hex(envelope));
  assertPlaceable(leaf);
  const facts = deriveFacts(bundle, statement);
  const readme = findReadme(bundle);
  return {
    namespace_id: preparing.namespaceId,
    namespace: claim.namespace,
    realm: preparing.realm,
    name: claim.name,
    version: claim.version,
    sort_key: versionSortKey(claim.version),
    is_prerelease: claim.version.includes('-'),
    tar_sha256: Buffer.from(leaf.tar.sha256, 'hex').toString('base64'),
    tar_size: leaf.tar.size,
    blob_sha256: Buffer.from(leaf.blob.sha256, 'hex').toString('base64'),
    blob_size: leaf.blob.size,
    envelope: Buffer.from(envelope).toString('base64'),
    key_ids: leaf.keyids,
    summary: facts,
    readme: readme ?? null,
    search: vectorText({ namespace: claim.namespace, name: claim.name, facts, readme }),
    user_id: principal.userId,
    via: principal.trusted === undefined ? principal.via : `oidc:${principal.trusted.kind}`,
    token_id: principal.token.id,
    request_id: preparing.requestId,
    detail: { digest: bundle.digest, ...preparing.detail },
    leaf,
  };
}

function publishLeaf({ claim, verified, blob, authorities }: Preparing, envelopeSha256: string): PublishLeaf {
  const keyids = verified.signers.map((key) => key.id);
  return {
    type: 'publish',
    ns: claim.namespace,
    name: claim.name,
    version: claim.version,
    tar: { sha256: verified.bundle.digest.slice('sha256:'.length), size: verified.bundle.sizeBytes },
    blob: { sha256: sha256Hex(blob), size: blob.length, enc: 'gzip' },
    envelope: envelopeSha256,
    keyids,
    auth: keyids.map((id) => {
      const auth = authorities.get(id);
      if (auth === undefined) throw new Error(`signer ${id} has no place in the log`);
      return auth;
    }),
  };
}
