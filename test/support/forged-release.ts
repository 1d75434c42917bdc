import {
  encodeEnvelope,
  encodePublishStatement,
  encodeReceipt,
  encodeStanding,
  hexOfDigest,
  PAYLOAD_TYPE_STATEMENT,
  sha256Hex,
  signEnvelope,
  type ArchiveFile,
  type Envelope,
  type PublishLeaf,
  type PublishStatement,
  type Receipt,
  type SigningKey,
  type Standing,
} from '@sheaf/bundle';
import { packWorkflow } from '@sheaf/client';
import { MEDIA_TYPES, routes, type WorkflowDocument } from '@sheaf/client/contract';
import { parseWorkflowId, splitWorkflowId } from '@sheaf/workflow';
import type { Invented, Lie } from './lying-proxy.js';
import type { StolenLog } from './stolen-log.js';

/** A release that nobody published, and how it departs from what a registry would log; each part is used as given. */
export interface Forgery {
  readonly id: string;
  readonly version: string;
  /** The shell command of its only step. */
  readonly run: string;
  /** Who signs, each with the index of the leaf that is said to have added the key. */
  readonly signers: readonly (readonly [key: SigningKey, auth: number])[];
  readonly statement?: Partial<PublishStatement>;
  readonly envelope?: (honest: Envelope) => Envelope;
  readonly leaf?: Partial<PublishLeaf>;
}

export interface ForgedRelease {
  readonly index: number;
  /** The proof of it in the log as it is now. */
  receipt(): Promise<Receipt>;
  /** Answers as if the registry had published it, and had logged what follows; `events` are what it says of it. */
  lie(events?: readonly number[]): Lie;
}

/** Appends the publish of a release to a stolen log. */
export async function forgeRelease(log: StolenLog, forgery: Forgery): Promise<ForgedRelease> {
  const id = parseWorkflowId(forgery.id);
  const { namespace, name } = splitWorkflowId(id);
  const { bundle, blob, version } = await packForgery(forgery);
  const definition = bundle.files.find(({ path }) => path === bundle.definitionPath);
  const statement: PublishStatement = {
    registry: log.registry,
    namespace,
    name,
    version,
    tar: { digest: bundle.digest, sizeBytes: bundle.sizeBytes, files: bundle.files.length },
    definition: { path: bundle.definitionPath, sha256: sha256Hex(definition?.bytes ?? new Uint8Array(0)) },
    ...forgery.statement,
  };
  const keys = forgery.signers.map(([key]) => key);
  const honest = signEnvelope(PAYLOAD_TYPE_STATEMENT, encodePublishStatement(statement), keys);
  const envelope = forgery.envelope?.(honest) ?? honest;
  const index = log.append({
    type: 'publish',
    ns: namespace,
    name,
    version,
    tar: { sha256: hexOfDigest(bundle.digest), size: bundle.sizeBytes },
    blob: { sha256: sha256Hex(blob), size: blob.length, enc: 'gzip' },
    envelope: sha256Hex(encodeEnvelope(envelope)),
    keyids: keys.map(({ publicKey }) => publicKey.id),
    auth: forgery.signers.map(([, auth]) => auth),
    ...forgery.leaf,
  });
  const receipt = async (): Promise<Receipt> => {
    const leaf = log.leaves()[index] as PublishLeaf;
    return {
      envelope,
      publish: await log.logged(index),
      authority: await Promise.all(leaf.auth.map((at) => log.logged(at))),
      checkpoint: log.checkpoint(),
    };
  };
  const document: WorkflowDocument = {
    id,
    tags: [],
    channels: {},
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    versions: [
      {
        version,
        digest: bundle.digest,
        sizeBytes: bundle.sizeBytes,
        blobSizeBytes: blob.length,
        state: 'active',
        publishedAt: '2026-03-01T00:00:00Z',
        publishedVia: 'token',
        logIndex: index,
        signers: keys.map(({ publicKey }) => publicKey.id),
      },
    ],
  };
  return {
    index,
    receipt,
    lie: (events = []) =>
      lieWith(log, {
        [routes.workflow(namespace, name)]: () => json(document),
        [routes.receipt(namespace, name, version)]: async () => receiptAnswer(await receipt()),
        [routes.standing(namespace, name, version)]: async () =>
          standingAnswer(await standingOf(log, events)),
        [routes.blob(hexOfDigest(bundle.digest))]: () => ({ type: MEDIA_TYPES.bundle, invented: blob }),
      }),
  };
}

/** Serves a stolen log instead of the real one, and what is given instead of the documents at these paths. */
function lieWith(log: StolenLog, answers: Readonly<Record<string, () => Invented | Promise<Invented>>>): Lie {
  return (path) => {
    if (Object.hasOwn(answers, path)) return answers[path]?.();
    const served = path.startsWith(log.prefix) ? log.serve(path.slice(log.prefix.length)) : undefined;
    const type = path.endsWith('/checkpoint') ? 'text/plain; charset=utf-8' : 'application/octet-stream';
    return served && { type, invented: served };
  };
}

/** What the log says, of these leaves, against its newest checkpoint. */
export async function standingOf(log: StolenLog, indexes: readonly number[]): Promise<Standing> {
  const ordered = [...indexes].sort((a, b) => a - b);
  return {
    events: await Promise.all(ordered.map((index) => log.logged(index))),
    checkpoint: log.checkpoint(),
  };
}

function receiptAnswer(receipt: Receipt): Invented {
  return { type: MEDIA_TYPES.receipt, invented: encodeReceipt(receipt) };
}

export function standingAnswer(standing: Standing): Invented {
  return { type: MEDIA_TYPES.standing, invented: encodeStanding(standing) };
}

function json(value: unknown): Invented {
  return { type: 'application/json', invented: Buffer.from(JSON.stringify(value)) };
}

async function packForgery({ id, version, run }: Forgery) {
  const definition = `id = "${id}"\nversion = "${version}"\n\n[steps.go]\nrun = '${run}'\n`;
  const file: ArchiveFile = { path: 'workflow.toml', bytes: Buffer.from(definition), executable: false };
  const packed = await packWorkflow([file]);
  return { ...packed, version: packed.bundle.definition.version };
}
