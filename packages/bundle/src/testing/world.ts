import { parseNamespace, parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { gzipTar } from '../archive/gzip.js';
import { type ArchiveFile, packTar } from '../archive/tar.js';
import { digestOf, sha256Hex } from '../digest.js';
import { encodeBase64 } from '../encoding/base64.js';
import { encodeUtf8, hexOf } from '../encoding/bytes.js';
import { spkiOf } from '../keys/public-key.js';
import { signingKeyFromSeed } from '../keys/signing-key.js';
import { formatCheckpoint } from '../log/checkpoint.js';
import type { PublishLeaf } from '../log/leaf/publish.js';
import { encodeLeaf, type Leaf } from '../log/leaf.js';
import { hashLeaf, inclusionProof, treeRoot } from '../log/merkle.js';
import { logVerifierOf, signNote } from '../log/note.js';
import type { LoggedLeaf } from '../receipt/logged-leaf.js';
import type { Receipt } from '../receipt/receipt.js';
import {
  encodeEnvelope,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_STATEMENT,
  signEnvelope,
} from '../statement/envelope.js';
import { encodeKeyEvent } from '../statement/key-event.js';
import { encodePublishStatement, type PublishStatement } from '../statement/publish-statement.js';
import { readerOf } from './tree.js';

export const REGISTRY = 'wf.example.com';
export const ORIGIN = `${REGISTRY}/log/public`;
export const PUBLISHER = signingKeyFromSeed(new Uint8Array(32).fill(1));
export const LOG_KEY = signingKeyFromSeed(new Uint8Array(32).fill(2));
export const STRANGER = signingKeyFromSeed(new Uint8Array(32).fill(3));
export const LOG_VERIFIER = logVerifierOf(ORIGIN, LOG_KEY.publicKey.raw);
export const RELEASE = {
  namespace: parseNamespace('acme'),
  name: parseWorkflowName('deploy'),
  version: parseVersion('1.4.2'),
};

const DEFINITION = `id = "acme/deploy"
version = "1.4.2"
description = "Deploys, carefully"

[bundle]
include = ["scripts/**"]
executable = ["scripts/*.sh"]

[steps.deploy]
run = '"$SHEAF_BUNDLE/scripts/deploy.sh"'
`;

/** The files of a small workflow. */
export function sampleFiles(): readonly ArchiveFile[] {
  return [
    { path: 'workflow.toml', bytes: encodeUtf8(DEFINITION), executable: false },
    { path: 'scripts/deploy.sh', bytes: encodeUtf8('#!/bin/sh\necho deployed\n'), executable: true },
    { path: 'scripts/lib/größe.txt', bytes: encodeUtf8('42\n'), executable: false },
    { path: 'README.md', bytes: encodeUtf8('# Deploy\n'), executable: false },
  ];
}

/** A registry's whole answer for one release, and the secrets behind it. Everything in it is deterministic but the gzip. */
export interface World {
  readonly tar: Uint8Array;
  readonly blob: Uint8Array;
  readonly statement: PublishStatement;
  readonly leaf: PublishLeaf;
  readonly leaves: readonly Uint8Array[];
  readonly receipt: Receipt;
}

/** What a test may change on the way. */
export interface WorldChanges {
  readonly statement?: (statement: PublishStatement) => PublishStatement;
  readonly leaf?: (leaf: PublishLeaf) => PublishLeaf;
  readonly blob?: Uint8Array;
  readonly files?: readonly ArchiveFile[];
  readonly signers?: readonly (typeof PUBLISHER)[];
}

export async function createWorld(changes: WorldChanges = {}): Promise<World> {
  const files = changes.files ?? sampleFiles();
  const tar = packTar(files);
  const blob = changes.blob ?? (await gzipTar(tar));
  const statement = (changes.statement ?? ((same) => same))(sampleStatement(tar, files));
  const envelope = signEnvelope(
    PAYLOAD_TYPE_STATEMENT,
    encodePublishStatement(statement),
    changes.signers ?? [PUBLISHER],
  );
  const created: Leaf = {
    v: 1,
    type: 'ns.create',
    seq: 0,
    prev: '',
    ns: RELEASE.namespace,
    t: 1_700_000_000,
  };
  const keyAdded = keyAddLeaf(created);
  const plainLeaf: PublishLeaf = {
    v: 1,
    type: 'publish',
    seq: 2,
    prev: hexOf(hashLeaf(encodeLeaf(keyAdded))),
    ns: RELEASE.namespace,
    t: 1_700_000_002,
    name: RELEASE.name,
    version: RELEASE.version,
    tar: { sha256: sha256Hex(tar), size: tar.length },
    blob: { sha256: sha256Hex(blob), size: blob.length, enc: 'gzip' },
    envelope: sha256Hex(encodeEnvelope(envelope)),
    keyids: [PUBLISHER.publicKey.id],
    auth: [1],
  };
  const leaf = (changes.leaf ?? ((same) => same))(plainLeaf);
  const leaves = [created, keyAdded, leaf].map(encodeLeaf);
  const hashes = leaves.map(hashLeaf);
  const root = await treeRoot(hashes.length, readerOf(hashes));
  const checkpoint = signNote(
    formatCheckpoint({ origin: ORIGIN, size: hashes.length, root }),
    ORIGIN,
    LOG_KEY,
  );
  const logged = async (index: number): Promise<LoggedLeaf> => ({
    index,
    leaf: leaves[index] ?? new Uint8Array(0),
    proof: await inclusionProof(index, hashes.length, readerOf(hashes)),
  });
  return {
    tar,
    blob,
    statement,
    leaf,
    leaves,
    receipt: { envelope, publish: await logged(2), authority: [await logged(1)], checkpoint },
  };
}

function sampleStatement(tar: Uint8Array, files: readonly ArchiveFile[]): PublishStatement {
  const definition = files.find(({ path }) => path === 'workflow.toml');
  return {
    registry: REGISTRY,
    ...RELEASE,
    tar: { digest: digestOf(tar), sizeBytes: tar.length, files: files.length },
    definition: { path: 'workflow.toml', sha256: sha256Hex(definition?.bytes ?? new Uint8Array(0)) },
    source: {
      uri: 'git+https://example.com/acme/deploy',
      commit: '0123456789abcdef0123456789abcdef01234567',
    },
    signedAt: '2025-01-01T00:00:00Z',
  };
}

function keyAddLeaf(previous: Leaf): Leaf {
  const key = encodeBase64(spkiOf(PUBLISHER.publicKey));
  const event = signEnvelope(
    PAYLOAD_TYPE_KEY_EVENT,
    encodeKeyEvent({ type: 'key.add', registry: REGISTRY, namespace: RELEASE.namespace, publicKey: key }),
    [PUBLISHER],
  );
  return {
    v: 1,
    type: 'key.add',
    seq: 1,
    prev: hexOf(hashLeaf(encodeLeaf(previous))),
    ns: RELEASE.namespace,
    t: 1_700_000_001,
    keyid: PUBLISHER.publicKey.id,
    key,
    by: [PUBLISHER.publicKey.id],
    event: sha256Hex(encodeEnvelope(event)),
    recovery: true,
  };
}
