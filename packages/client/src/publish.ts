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
import { observer } from './callbacks.js';
import { assertGoesOn, leaveOnAbort } from './cancelled.js';
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
 * @throws BundleError as `packTar` and `readBundle`; ClientError `operation.cancelled`
 */
export async function packWorkflow(
  files: readonly ArchiveFile[],
  limits?: ArchiveLimits,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<PackedWorkflow> {
  assertGoesOn(signal);
  const tar = packTar(files, limits);
  const bundle = readBundle(tar, limits);
  return { bundle, blob: await leaveOnAbort([signal], () => gzipTar(tar)) };
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
  /** Told each step as it ends; it must not block. */
  readonly onStep?: ((step: VerificationStep) => void) | undefined;
  /** Publish although the interface breaks within its major version. */
  readonly force?: boolean | undefined;
  /** Point this channel at each version, in the same transaction. */
  readonly channel?: string | undefined;
  /** The registry took the workflow; whether that counts, its receipt has yet to prove. */
  readonly onAccepted?: (() => void) | undefined;
}

/** What to publish, signed by whom, and where. */
export type PublishRequest = PublishTarget & PublishSigning;

/** A publish whose receipt verifies. */
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
  const { origin } = await request.trust.getPin(request.client.url, { signal: request.signal });
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
  await trust.getPin(client.url, { signal });
  const { created, receipt } = await client.publish(
    { envelope, blob: packed.blob },
    { signal, force: request.force, channel: request.channel },
  );
  observer('onAccepted', request.onAccepted)();
  return { created, receipt: await verifySent(request, { packed, envelope }, receipt, created) };
}

/** A packed workflow, and what was signed about it. */
export interface SignedPack {
  readonly packed: PackedWorkflow;
  readonly envelope: Envelope;
}

/**
 * Publishes up to 16 signed workflows together or not at all, and verifies each receipt; in the same order. Safe to repeat.
 *
 * @throws ClientError as {@link publishWorkflow}
 */
export async function publishTogether(
  request: PublishTarget & { readonly workflows: readonly SignedPack[] },
): Promise<readonly PublishedWorkflow[]> {
  const { client, trust, workflows, signal, force, channel } = request;
  await trust.getPin(client.url, { signal });
  const uploads = workflows.map(({ packed, envelope }) => ({ envelope, blob: packed.blob }));
  const { created, receipts } = await client.publishAll(uploads, { signal, force, channel });
  observer('onAccepted', request.onAccepted)();
  return verifyReceipts(request, workflows, receipts, created);
}

/**
 * Verifies what a registry answers for several workflows.
 *
 * @throws ClientError `response.invalid` for another number of receipts; as {@link publishWorkflow}
 */
export async function verifyReceipts(
  request: PublishTarget,
  workflows: readonly SignedPack[],
  receipts: readonly Receipt[],
  created: boolean,
): Promise<readonly PublishedWorkflow[]> {
  if (receipts.length !== workflows.length)
    throw new ClientError('response.invalid', 'the registry answered another number of receipts');
  const verified: PublishedWorkflow[] = [];
  for (const [i, workflow] of workflows.entries()) {
    const receipt = receipts[i];
    // One after the other: each may move the checkpoint that the trust store keeps. Which of them were new is not told.
    if (receipt) verified.push({ created, receipt: await verifySent(request, workflow, receipt, false) });
  }
  return verified;
}

async function verifySent(
  request: PublishTarget,
  { packed, envelope }: SignedPack,
  receipt: Receipt,
  created: boolean,
): Promise<VerifiedReceipt> {
  const verified = await verifyFor({ ...request, packed }, receipt);
  if (created && verified.leaf.envelope !== sha256Hex(encodeEnvelope(envelope))) {
    throw new ClientError(
      'envelope.digest',
      'the registry logged another statement than the one that was sent',
      {
        hint: 'report it to the operator of the registry, with the receipt',
      },
    );
  }
  return verified;
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
  const pin = await trust.getPin(client.url, { signal });
  const realm = realmOf(receipt, pin, splitWorkflowId(definition.id).namespace) ?? PUBLIC_REALM;
  const note = await client.getCheckpoint({ realm, signal });
  return verifyReceipt({
    receipt,
    expected: { id: definition.id, version: definition.version, digest },
    pin,
    freshness: createFreshness({ client, trust, signal }, note, realm),
    signal,
    onStep,
  });
}
