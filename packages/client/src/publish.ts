import {
  encodeEnvelope,
  encodePublishStatement,
  gzipTar,
  packTar,
  PAYLOAD_TYPE_STATEMENT,
  readBundle,
  sha256Hex,
  signEnvelope,
  type ArchiveFile,
  type ArchiveLimits,
  type Bundle,
  type Envelope,
  type Receipt,
  type SigningKey,
} from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { ClientError, type VerificationStep } from './errors.js';
import type { RegistryClient } from './registry-client.js';
import type { TrustStore } from './trust-store.js';
import { createFreshness } from './freshness.js';
import { PUBLIC_REALM } from './pin.js';
import { realmOf } from './verification-realm.js';
import { verifyReceipt, type VerifiedReceipt } from './verify.js';

/** A workflow as it will be published: the canonical archive, read back, and its compressed form. */
export interface PackedWorkflow {
  readonly bundle: Bundle;
  /** gzip of the tar; its bytes may differ between machines, the bundle's digest never does. */
  readonly blob: Uint8Array;
}

/**
 * Packs selected files, the definition among them, in any order.
 *
 * @throws BundleError as `packTar` and `readBundle`
 */
export async function packWorkflow(
  files: readonly ArchiveFile[],
  limits?: ArchiveLimits,
): Promise<PackedWorkflow> {
  const tar = packTar(files, limits);
  const bundle = readBundle(tar, limits);
  return { bundle, blob: await gzipTar(tar) };
}

/** What is signed about a workflow, and by whom. */
export interface PublishSigning {
  readonly key: SigningKey;
  /** More keys, for a namespace that asks for several. */
  readonly cosigners?: readonly SigningKey[] | undefined;
  readonly packed: PackedWorkflow;
  /** Where the files come from; it becomes public. */
  readonly source?: { readonly uri: string; readonly commit: string } | undefined;
  /** RFC 3339; informational. */
  readonly signedAt?: string | undefined;
}

/** Where a workflow is published, and who is told. */
export interface PublishTarget {
  readonly client: RegistryClient;
  readonly trust: TrustStore;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
  /** The registry took the workflow; whether that counts, its receipt has yet to prove. */
  readonly onAccepted?: (() => void) | undefined;
}

export type PublishRequest = PublishTarget & PublishSigning;

export interface PublishedWorkflow {
  /**
   * False when the registry had this very bundle under this version before: its first receipt is the one that counts,
   * and `receipt.signers` need not have the key of this request among them.
   */
  readonly created: boolean;
  readonly receipt: VerifiedReceipt;
}

/**
 * Signs and sends a workflow, and verifies the registry's receipt before calling it published. Safe to repeat.
 *
 * @throws ClientError the registry's problems, `network.*`, or with `verification` set when the receipt does not prove the publish
 */
export async function publishWorkflow(request: PublishRequest): Promise<PublishedWorkflow> {
  const { origin } = await request.trust.getPin(request.client.url);
  return publishSigned({ ...request, envelope: signPublish(request, origin) });
}

/**
 * The signed statement that publishes a workflow at a registry.
 *
 * @param registry the registry's origin, as pinned
 */
export function signPublish(signing: PublishSigning, registry: string): Envelope {
  const { packed, key, cosigners = [], source, signedAt } = signing;
  const { bundle } = packed;
  const { id, version } = bundle.definition;
  const definition = bundle.files.find(({ path }) => path === bundle.definitionPath);
  const statement = encodePublishStatement({
    registry,
    ...splitWorkflowId(id),
    version,
    tar: { digest: bundle.digest, sizeBytes: bundle.sizeBytes, files: bundle.files.length },
    definition: { path: bundle.definitionPath, sha256: sha256Hex(definition?.bytes ?? new Uint8Array()) },
    ...(source === undefined ? {} : { source }),
    ...(signedAt === undefined ? {} : { signedAt }),
  });
  return signEnvelope(PAYLOAD_TYPE_STATEMENT, statement, [key, ...cosigners]);
}

/**
 * Sends a workflow that was signed before, such as on another machine, and verifies the registry's receipt. Safe to
 * repeat. `client.url` must be pinned.
 *
 * @throws ClientError as {@link publishWorkflow}
 */
export async function publishSigned(
  request: PublishTarget & { readonly packed: PackedWorkflow; readonly envelope: Envelope },
): Promise<PublishedWorkflow> {
  const { client, trust, packed, envelope, signal } = request;
  await trust.getPin(client.url);
  const { created, receipt } = await client.publish({ envelope, blob: packed.blob }, { signal });
  request.onAccepted?.();

  const verified = await verifyFor(request, receipt);
  if (created && verified.leaf.envelope !== sha256Hex(encodeEnvelope(envelope))) {
    throw new ClientError(
      'envelope.digest',
      'the registry logged another statement than the one that was sent',
      {
        hint: 'report it to the operator of the registry, with the receipt',
      },
    );
  }
  return { created, receipt: verified };
}

/** What there is to verify, and where. */
export type VerifyPublishedRequest = Omit<PublishTarget, 'onAccepted'> & { readonly packed: PackedWorkflow };

/**
 * Asks for the receipt of a bundle that the registry says it has, and verifies it: that the log holds these very bytes
 * under this id and version, and whose keys signed them.
 *
 * @throws ClientError as {@link publishWorkflow}
 */
export async function verifyPublished(request: VerifyPublishedRequest): Promise<VerifiedReceipt> {
  const { client, packed, signal } = request;
  const { id, version } = packed.bundle.definition;
  return verifyFor(request, await client.getReceipt(id, version, { signal }));
}

async function verifyFor(
  { client, trust, packed, signal, onStep }: VerifyPublishedRequest,
  receipt: Receipt,
): Promise<VerifiedReceipt> {
  const { definition, digest } = packed.bundle;
  // The pin is read only now, because others may have moved it while the upload took its time.
  const pin = await trust.getPin(client.url);
  const realm = realmOf(receipt, pin, splitWorkflowId(definition.id).namespace) ?? PUBLIC_REALM;
  const note = await client.getCheckpoint({ realm, signal });
  return verifyReceipt({
    receipt,
    expected: { id: definition.id, version: definition.version, digest },
    pin,
    freshness: createFreshness({ client, trust, signal }, note, realm),
    onStep,
  });
}
