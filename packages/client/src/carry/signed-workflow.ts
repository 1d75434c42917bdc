import {
  BundleError,
  checkBundleStatement,
  DEFAULT_LIMITS,
  digestOf,
  findBase64,
  gunzipTar,
  packCarryFile,
  parsePublishStatement,
  PAYLOAD_TYPE_STATEMENT,
  readBundle,
  verifyEnvelope,
  type CarryFile,
  type PublicKey,
  type PublishStatement,
} from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { findSigners } from '../keys/events.js';
import type { PackedWorkflow } from '../publish.js';

/** A workflow and what was signed about it, from a carry file. */
export interface SignedWorkflow {
  readonly carry: CarryFile;
  readonly packed: PackedWorkflow;
  /** Agrees with the bundle; whose signatures it has is for {@link assertSigned} to say. */
  readonly statement: PublishStatement;
}

/**
 * Opens a carry file and holds its statement against its bundle: registry, name, version, digest, definition. No
 * signature is looked at yet.
 *
 * @throws ClientError `statement.mismatch`; BundleError `envelope.…`, `statement.…`, `gzip.…`, `archive.…`, `definition.…`
 */
export async function openSignedWorkflow(carry: CarryFile): Promise<SignedWorkflow> {
  const statement = claimedStatement(carry);
  const tar = await gunzipTar(carry.blob, statement.tar.sizeBytes, DEFAULT_LIMITS.tarBytes);
  if (digestOf(tar) !== statement.tar.digest) {
    throw new ClientError('statement.mismatch', 'the signed statement is of another archive', {
      hint: 'the file was put together from parts that do not belong together: do not use it',
    });
  }
  const bundle = readBundle(tar);
  checkBundleStatement(bundle, statement);
  return { carry, packed: { bundle, blob: carry.blob }, statement };
}

/** Writes a workflow and its envelope, to be signed by others or published elsewhere. */
export function packSignedWorkflow(carry: Pick<CarryFile, 'blob' | 'envelope'>): Uint8Array {
  return packCarryFile({ blob: carry.blob, envelope: carry.envelope });
}

/**
 * Makes sure that enough of some keys signed the statement of a carry file, before it is sent anywhere.
 *
 * @param keys active keys of the namespace, as the log proves them
 * @throws ClientError `key.threshold`
 */
export function assertSigned(
  { carry: { envelope }, statement }: SignedWorkflow,
  keys: readonly PublicKey[],
  threshold: number,
): readonly PublicKey[] {
  const signers = findSigners(envelope, keys);
  if (signers.length < threshold) {
    throw new ClientError(
      'key.threshold',
      `${signers.length} of the ${threshold} keys that ${statement.namespace} asks for signed it`,
      { hint: 'let another key sign it: sheaf pack --sign FILE.sheaf --key NAME' },
    );
  }
  return verifyEnvelope(envelope, PAYLOAD_TYPE_STATEMENT, keys, threshold).signers;
}

/** What a carry file claims to be. @throws BundleError `envelope.payload_type`, `statement.invalid` */
export function claimedStatement({ envelope }: Pick<CarryFile, 'envelope'>): PublishStatement {
  const payload = findBase64(envelope.payload);
  if (envelope.payloadType !== PAYLOAD_TYPE_STATEMENT || payload === undefined) {
    throw new BundleError('envelope.payload_type', 'the envelope does not hold a publish statement');
  }
  return parsePublishStatement(payload);
}
