import {
  encodeBase64,
  encodeEnvelope,
  encodePublishStatement,
  hashLeaf,
  hexOfDigest,
  PAYLOAD_TYPE_STATEMENT,
  sha256Hex,
  signEnvelope,
  spkiOf,
  type ArchiveFile,
  type Envelope,
  type KeyId,
  type Leaf,
  type PublishLeaf,
  type PublishStatement,
  type Receipt,
  type SigningKey,
  type Standing,
} from '@sheaf/bundle';
import {
  parseNamespace,
  parseVersion,
  parseWorkflowId,
  splitWorkflowId,
  type WorkflowId,
} from '@sheaf/workflow';
import type { WorkflowDocument } from '../contract/index.js';
import type { Pin } from '../pin.js';
import { packWorkflow, type PackedWorkflow } from '../publish.js';
import { createTestLog, testKey, type TestLog } from './test-log.js';

export const ORIGIN = 'wf.example.com';
const PINNED_AT = '2026-03-01T00:00:00.000Z';
const URL_OF_REGISTRY = 'https://wf.example.com';

/** The files of a small valid workflow. */
export function testFiles(
  id = 'acme/deploy',
  version = '1.0.0',
  dependencies: Readonly<Record<string, string>> = {},
): readonly ArchiveFile[] {
  const needed = Object.entries(dependencies).map(([other, range]) => `"${other}" = "${range}"\n`);
  const table = needed.length === 0 ? '' : `\n[dependencies]\n${needed.join('')}`;
  const definition = `id = "${id}"\nversion = "${version}"\n${table}\n[bundle]\ninclude = ["scripts/**"]\nexecutable = ["scripts/*.sh"]\n\n[steps.go]\nrun = "scripts/go.sh"\n`;
  return [
    { path: 'scripts/go.sh', bytes: Buffer.from('#!/bin/sh\necho go\n'), executable: true },
    { path: 'workflow.toml', bytes: Buffer.from(definition), executable: false },
    { path: 'scripts/lib/a.txt', bytes: Buffer.from('a\n'), executable: false },
  ];
}

export interface Published {
  readonly id: WorkflowId;
  readonly version: ReturnType<typeof parseVersion>;
  readonly packed: PackedWorkflow;
  readonly receipt: Receipt;
}

/** How a publish departs from an honest one; each part is used as given. */
export interface Forgery {
  readonly signer?: SigningKey;
  /** Several keys instead of one, each with the index of the leaf that added it. */
  readonly signers?: readonly (readonly [key: SigningKey, auth: number])[];
  readonly statement?: Partial<PublishStatement>;
  readonly envelope?: (honest: Envelope) => Envelope;
  readonly leaf?: Partial<PublishLeaf>;
  readonly blob?: Uint8Array;
  /** The workflow's own name and version inside the bundle. */
  readonly inside?: { readonly id: string; readonly version: string };
  /** More files of the bundle, below `scripts/`. */
  readonly files?: readonly ArchiveFile[];
  /** What the definition depends on. */
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A leaf without its place in the chain; a time only when it matters. */
export type TestLeaf = DistributiveOmit<Leaf, 'v' | 'seq' | 'prev' | 't'> & { readonly t?: number };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A registry in memory with one namespace and one key, which publishes what it is told to, honest or not. */
export interface TestRegistry {
  readonly log: TestLog;
  readonly key: SigningKey;
  readonly pin: (checkpoint?: string | null) => Pin;
  readonly publish: (id?: string, version?: string, forgery?: Forgery) => Promise<Published>;
  /** Adds a key to the namespace, and answers the index of its leaf. */
  readonly addKey: (
    key: SigningKey,
    options?: { readonly recovery?: true; readonly by?: readonly KeyId[] },
  ) => number;
  /** Appends a leaf to the chain of its namespace, and answers its index. */
  readonly append: (leaf: TestLeaf) => number;
  /** What the log says, of these leaves, against its present checkpoint. */
  readonly standing: (...indexes: readonly number[]) => Promise<Standing>;
  /** Appends leaves that nobody asks for. */
  readonly grow: (leaves: number) => void;
}

export function createTestRegistry(
  log: TestLog = createTestLog({ origin: `${ORIGIN}/log/public` }),
): TestRegistry {
  const key = testKey(7);
  const chains = new Map<string, { seq: number; prev: string }>();
  const append = (leaf: TestLeaf): number => {
    const chain = chains.get(leaf.ns) ?? { seq: 0, prev: '' };
    const full = { v: 1, ...chain, t: 1_800_000_000, ...leaf } as Leaf;
    const index = log.append(full);
    chains.set(leaf.ns, { seq: chain.seq + 1, prev: previousHash(log, index) });
    return index;
  };
  append({ type: 'ns.create', ns: parseNamespace('acme') });
  const authority = addKey(key);

  function addKey(
    owner: SigningKey,
    options: { readonly recovery?: true; readonly by?: readonly KeyId[] } = {},
  ): number {
    const added = {
      type: 'key.add' as const,
      ns: parseNamespace('acme'),
      keyid: owner.publicKey.id,
      key: encodeBase64(spkiOf(owner.publicKey)),
      by: [owner.publicKey.id],
      event: sha256Hex(Buffer.from('event')),
      ...options,
    };
    return append(added);
  }

  return {
    log,
    key,
    pin: (checkpoint = null) => ({
      url: URL_OF_REGISTRY,
      origin: ORIGIN,
      logKey: log.logKey,
      pinnedAt: PINNED_AT,
      realms: checkpoint === null ? new Map() : new Map([['public', { checkpoint, checkedAt: PINNED_AT }]]),
      namespaces: new Map(),
    }),
    async publish(idText = 'acme/deploy', versionText = '1.0.0', forgery = {}) {
      const id = parseWorkflowId(idText);
      const version = parseVersion(versionText);
      const inside = forgery.inside ?? { id: idText, version: versionText };
      const packed = await packWorkflow([
        ...testFiles(inside.id, inside.version, forgery.dependencies),
        ...(forgery.files ?? []),
      ]);
      const definition = packed.bundle.files.find(({ path }) => path === packed.bundle.definitionPath);
      const statement: PublishStatement = {
        registry: ORIGIN,
        ...splitWorkflowId(id),
        version,
        tar: {
          digest: packed.bundle.digest,
          sizeBytes: packed.bundle.sizeBytes,
          files: packed.bundle.files.length,
        },
        definition: {
          path: packed.bundle.definitionPath,
          sha256: sha256Hex(definition?.bytes ?? new Uint8Array()),
        },
        ...forgery.statement,
      };
      const signers = forgery.signers ?? [[forgery.signer ?? key, authority] as const];
      const honest = signEnvelope(
        PAYLOAD_TYPE_STATEMENT,
        encodePublishStatement(statement),
        signers.map(([signer]) => signer),
      );
      const envelope = forgery.envelope?.(honest) ?? honest;
      const blob = forgery.blob ?? packed.blob;
      const { namespace, name } = splitWorkflowId(id);
      const leaf = {
        type: 'publish' as const,
        ns: namespace,
        name,
        version,
        tar: { sha256: hexOfDigest(packed.bundle.digest), size: packed.bundle.sizeBytes },
        blob: { sha256: sha256Hex(blob), size: blob.length, enc: 'gzip' as const },
        envelope: sha256Hex(encodeEnvelope(envelope)),
        keyids: signers.map(([signer]) => signer.publicKey.id),
        auth: signers.map(([, auth]) => auth),
        ...forgery.leaf,
      };
      const index = append(leaf);
      const receipt: Receipt = {
        envelope,
        publish: await log.logged(index),
        authority: await Promise.all(leaf.auth.map((at) => log.logged(at))),
        checkpoint: log.checkpoint(),
      };
      return { id, version, packed: { ...packed, blob }, receipt };
    },
    addKey,
    append,
    standing: async (...indexes) => ({
      events: await Promise.all([...indexes].sort((a, b) => a - b).map((at) => log.logged(at))),
      checkpoint: log.checkpoint(),
    }),
    grow(leaves) {
      for (let i = 0; i < leaves; i++) append({ type: 'ns.create', ns: parseNamespace(`n${log.size()}`) });
    },
  };
}

/** What a registry's metadata would say of some published versions, newest first. */
export function documentOf(published: readonly Published[]): WorkflowDocument {
  const [first] = published;
  return {
    id: first?.id ?? 'acme/deploy',
    tags: [],
    channels: {},
    permissions: { network: [], exec: [], read: [], write: [], secrets: [] },
    versions: published.map(({ version, packed, receipt }) => ({
      version,
      digest: packed.bundle.digest,
      sizeBytes: packed.bundle.sizeBytes,
      blobSizeBytes: packed.blob.length,
      state: 'active' as const,
      publishedAt: '2026-03-01T00:00:00Z',
      publishedVia: 'token',
      logIndex: receipt.publish.index,
      signers: [],
    })),
  };
}

function previousHash(log: TestLog, index: number): string {
  return Buffer.from(hashLeaf(log.leaf(index))).toString('hex');
}
