import type { Namespace, Version, WorkflowName } from '@sheaf/workflow';
import type { ArchiveLimits } from './archive/limits.js';
import { DEFAULT_LIMITS } from './archive/limits.js';
import { type Bundle, readCheckedBundle } from './archive/bundle.js';
import { gunzipTar } from './archive/gzip.js';
import { type Digest, hexOfDigest, sha256Hex } from './digest.js';
import { BundleError } from './error.js';
import { publicKeyFromSpki } from './keys/public-key.js';
import type { PublicKey } from './keys/types.js';
import { type Checkpoint, openCheckpoint } from './log/checkpoint.js';
import type { PublishLeaf } from './log/leaf/publish.js';
import { parseLeaf } from './log/leaf.js';
import { hashLeaf, verifyInclusion } from './log/merkle.js';
import type { LogVerifier } from './log/note.js';
import type { LoggedLeaf } from './receipt/logged-leaf.js';
import type { Receipt } from './receipt/receipt.js';
import { checkEphemeralGrant, checkOneEphemeral } from './standing/ephemeral.js';
import {
  encodeEnvelope,
  type Envelope,
  PAYLOAD_TYPE_STATEMENT,
  verifyEnvelope,
} from './statement/envelope.js';
import { parsePublishStatement, type PublishStatement } from './statement/publish-statement.js';

const TAMPERED = 'do not use it; the registry or the way to it has changed what was published';

/**
 * Step 1: the checkpoint is signed by the pinned key and is of the log that was asked.
 *
 * @throws BundleError `note.invalid`, `log.key_unknown`, `log.signature`, `checkpoint.invalid`, or `log.origin`
 */
export function checkReceiptCheckpoint(
  receipt: Pick<Receipt, 'checkpoint'>,
  verifier: LogVerifier,
  origin: string,
): Checkpoint {
  const checkpoint = openCheckpoint(receipt.checkpoint, verifier);
  if (checkpoint.origin !== origin) {
    throw new BundleError('log.origin', 'the checkpoint is of another log', { hint: TAMPERED });
  }
  return checkpoint;
}

/** Step 2: the log holds exactly these bytes at this index. @throws BundleError `proof.inclusion` */
export function checkInclusion(logged: LoggedLeaf, checkpoint: Checkpoint): void {
  if (!verifyInclusion(hashLeaf(logged.leaf), logged.index, checkpoint.size, logged.proof, checkpoint.root)) {
    throw new BundleError('proof.inclusion', `the log does not hold this leaf at index ${logged.index}`, {
      hint: TAMPERED,
    });
  }
}

/** What was asked for, to be held against the leaf. */
export interface ExpectedRelease {
  readonly namespace: Namespace;
  readonly name: WorkflowName;
  readonly version: Version;
}

/**
 * Step 3: the leaf publishes what was asked for.
 *
 * @throws BundleError `leaf.invalid`, `leaf.type_unknown`, or `leaf.mismatch`
 */
export function checkPublishLeaf(leafBytes: Uint8Array, expected: ExpectedRelease): PublishLeaf {
  const leaf = parseLeaf(leafBytes);
  if (
    leaf.type !== 'publish' ||
    leaf.ns !== expected.namespace ||
    leaf.name !== expected.name ||
    leaf.version !== expected.version
  ) {
    throw new BundleError(
      'leaf.mismatch',
      `the proof is not that of ${expected.namespace}/${expected.name}@${expected.version}`,
      { hint: TAMPERED },
    );
  }
  return leaf;
}

/** Step 4: the envelope is the one that the log recorded. @throws BundleError `envelope.digest` */
export function checkEnvelope(receipt: Pick<Receipt, 'envelope'>, leaf: PublishLeaf): void {
  if (sha256Hex(encodeEnvelope(receipt.envelope)) !== leaf.envelope) {
    throw new BundleError('envelope.digest', 'the signed statement is not the one that the log recorded', {
      hint: TAMPERED,
    });
  }
}

/**
 * Step 5: each key of the publish leaf was added to the same namespace by an earlier leaf, the very one that the
 * publish leaf names, or one of them at most by a `key.ephemeral` that holds for this workflow and time. Inclusion of
 * those leaves is for {@link checkInclusion} to check.
 *
 * @returns the keys, in the order of the leaf's `keyids`
 * @throws BundleError `key.unauthorised`, `key.expired`, or `leaf.invalid`
 */
export function checkAuthority(
  receipt: Pick<Receipt, 'publish' | 'authority'>,
  leaf: PublishLeaf,
): readonly PublicKey[] {
  if (receipt.authority.length !== leaf.keyids.length) unauthorised('not every key comes with its authority');
  let ephemeral = 0;
  const keys = leaf.keyids.map((keyid, i) => {
    const logged = receipt.authority[i];
    if (logged === undefined || logged.index !== leaf.auth[i] || logged.index >= receipt.publish.index) {
      unauthorised('the authority of a key is not the earlier leaf that the publish names');
    }
    const added = parseLeaf(logged.leaf);
    const isOfKey = added.type === 'key.add' || added.type === 'key.ephemeral';
    if (!isOfKey || added.ns !== leaf.ns || added.keyid !== keyid) {
      unauthorised(`the log does not add key ${keyid.slice(0, 16)} to namespace ${leaf.ns}`);
    }
    if (added.type === 'key.ephemeral') {
      checkEphemeralGrant(leaf, added);
      ephemeral++;
    }
    // The leaf's parser has made sure that the id is that of the key's bytes.
    return publicKeyFromSpki(added.key);
  });
  checkOneEphemeral(ephemeral);
  return keys;
}

function unauthorised(problem: string): never {
  throw new BundleError('key.unauthorised', problem, { hint: TAMPERED });
}

/**
 * Step 6: enough authorised keys signed the statement, and it says what the leaf says, for this registry.
 *
 * @param threshold how many of the keys must have signed, at least 1
 * @throws BundleError `envelope.payload_type`, `signature.invalid`, `statement.invalid`, or `statement.mismatch`
 */
export function checkStatement(
  envelope: Envelope,
  keys: readonly PublicKey[],
  threshold: number,
  leaf: PublishLeaf,
  registry: string,
): PublishStatement {
  const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_STATEMENT, keys, threshold);
  const statement = parsePublishStatement(payload);
  const differs = [
    statement.registry !== registry && 'registry',
    statement.namespace !== leaf.ns && 'namespace',
    statement.name !== leaf.name && 'name',
    statement.version !== leaf.version && 'version',
    hexOfDigest(statement.tar.digest) !== leaf.tar.sha256 && 'digest',
    statement.tar.sizeBytes !== leaf.tar.size && 'size',
  ].filter((name) => name !== false);
  if (differs.length > 0) {
    throw new BundleError('statement.mismatch', `the signed statement has another ${differs.join(', ')}`, {
      hint: TAMPERED,
    });
  }
  return statement;
}

/** Step 7: the compressed bytes are those that the log recorded. @throws BundleError `blob.digest` */
export function checkBlob(blob: Uint8Array, leaf: PublishLeaf): void {
  const sha256 = sha256Hex(blob);
  if (blob.length === leaf.blob.size && sha256 === leaf.blob.sha256) return;
  throw new BundleError(
    'blob.digest',
    `the bundle is not what the log recorded: expected ${leaf.blob.size} bytes, sha256:${leaf.blob.sha256}, got ${blob.length}, sha256:${sha256}`,
    { hint: 'fetch it again; if it stays so, what the registry stores was changed' },
  );
}

/**
 * Step 8: inflates a checked blob to exactly the signed size, compares the digest, and only then parses, the same
 * buffer; the definition inside must name the release that the leaf names.
 *
 * @throws BundleError a code of `gzip.…`, `archive.…`, `path.…` or `definition.…`, `tar.digest`, or `bundle.selection`
 */
export async function openVerifiedBundle(
  blob: Uint8Array,
  leaf: PublishLeaf,
  limits: ArchiveLimits = DEFAULT_LIMITS,
): Promise<Bundle> {
  const tar = await gunzipTar(blob, leaf.tar.size, limits.tarBytes);
  const checkDigest = (digest: Digest) => {
    if (hexOfDigest(digest) === leaf.tar.sha256) return;
    throw new BundleError(
      'tar.digest',
      `the archive is not the one that was signed: expected sha256:${leaf.tar.sha256}, got ${digest}`,
      { hint: TAMPERED },
    );
  };
  const bundle = readCheckedBundle(tar, checkDigest, limits);
  if (bundle.definition.id !== `${leaf.ns}/${leaf.name}` || bundle.definition.version !== leaf.version) {
    throw new BundleError('definition.mismatch', 'the definition names another workflow or version', {
      hint: TAMPERED,
    });
  }
  return bundle;
}

/**
 * Step 9: what the statement says of the bundle's inside is so.
 *
 * @throws BundleError `statement.mismatch` (archive) or `definition.mismatch`
 */
export function checkBundleStatement(bundle: Bundle, statement: PublishStatement): void {
  const { tar, definition } = statement;
  if (
    tar.digest !== bundle.digest ||
    tar.sizeBytes !== bundle.sizeBytes ||
    tar.files !== bundle.files.length
  ) {
    throw new BundleError('statement.mismatch', 'the signed statement is of another archive', {
      hint: TAMPERED,
    });
  }
  const file = bundle.files.find(({ path }) => path === bundle.definitionPath);
  const named = `${statement.namespace}/${statement.name}`;
  if (
    file === undefined ||
    definition.path !== bundle.definitionPath ||
    definition.sha256 !== sha256Hex(file.bytes) ||
    bundle.definition.id !== named ||
    bundle.definition.version !== statement.version
  ) {
    throw new BundleError('definition.mismatch', 'the signed statement is of another definition', {
      hint: TAMPERED,
    });
  }
}
