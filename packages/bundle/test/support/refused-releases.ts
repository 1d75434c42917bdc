import {
  encodeBase64,
  encodeEnvelope,
  encodeLeaf,
  encodePublishStatement,
  encodeReceipt,
  encodeStanding,
  findBase64,
  formatCheckpoint,
  hashLeaf,
  inclusionProof,
  type Leaf,
  packTar,
  parseLeaf,
  PAYLOAD_TYPE_KEY_EVENT,
  PAYLOAD_TYPE_STATEMENT,
  type PublishLeaf,
  type PublishStatement,
  type Receipt,
  sha256Hex,
  signEnvelope,
  signNote,
  treeRoot,
} from '../../src/index.js';
import { hexOf } from '../../src/encoding/bytes.js';
import { bytesOf, L, numberOf } from '../../src/testing/ed25519-reference.js';
import { readerOf } from '../../src/testing/tree.js';
import {
  createWorld,
  LOG_KEY,
  LOG_VERIFIER,
  ORIGIN,
  PUBLISHER,
  REGISTRY,
  sampleFiles,
  STRANGER,
  type World,
} from '../../src/testing/world.js';
import { storedGzip } from './stored-gzip.js';

/** A release as a client is given it, and the code that must refuse it. */
export interface RefusedRelease {
  readonly kind: 'release';
  readonly why: string;
  readonly code: string;
  readonly logKey: string;
  readonly registry: string;
  readonly expected: string;
  readonly receipt: string;
  readonly standings: readonly string[];
  /** Base64. */
  readonly blob: string;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ASKED = 'acme/deploy@1.4.2';

interface Given {
  readonly receipt: Receipt;
  readonly standings?: readonly string[];
  readonly blob?: Uint8Array;
  readonly expected?: string;
}

/** Every lie about one release that a registry, or whoever stands before it, could tell. */
export async function refusedReleases(blob: Uint8Array): Promise<readonly RefusedRelease[]> {
  const world = await createWorld({ blob });
  const { receipt } = world;
  const made = async (changes: Parameters<typeof createWorld>[0]) => createWorld({ blob, ...changes });
  const leafAndStatement = (
    leaf: (leaf: PublishLeaf) => PublishLeaf,
    statement: (statement: PublishStatement) => PublishStatement,
  ) => made({ leaf, statement });

  const signedText = `${receipt.checkpoint.split('\n\n')[0] ?? ''}\n`;
  const otherKey = signNote(signedText, ORIGIN, STRANGER);
  const renamed = signNote(signedText, `${REGISTRY}/log/other`, LOG_KEY);
  const grown = receipt.checkpoint.replace('\n3\n', '\n4\n');
  const foreign = signNote(
    formatCheckpoint({ origin: `${REGISTRY}/log/other`, size: 3, root: new Uint8Array(32) }),
    ORIGIN,
    LOG_KEY,
  );
  const flipped = Uint8Array.from(blob);
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  const malleated = malleate(world);
  const relabelled = await made({
    leaf: (leaf) => ({ ...leaf, envelope: sha256Hex(encodeEnvelope(malleated)) }),
  });
  const untyped = signEnvelope('application/json', encodePublishStatement(world.statement), [PUBLISHER]);
  const untypedWorld = await made({
    leaf: (leaf) => ({ ...leaf, envelope: sha256Hex(encodeEnvelope(untyped)) }),
  });
  const noStatement = signEnvelope(PAYLOAD_TYPE_STATEMENT, new TextEncoder().encode('{}'), [PUBLISHER]);
  const noStatementWorld = await made({
    leaf: (leaf) => ({ ...leaf, envelope: sha256Hex(encodeEnvelope(noStatement)) }),
  });
  const otherDigest = 'a'.repeat(64);
  const otherFiles = sampleFiles().map((file) =>
    file.path === 'workflow.toml'
      ? { ...file, bytes: new TextEncoder().encode(text(file.bytes).replace('1.4.2', '1.4.3')) }
      : file,
  );

  const cases: readonly (readonly [string, string, Given])[] = [
    [
      'the checkpoint is signed by another key under the log’s name',
      'log.key_unknown',
      { receipt: { ...receipt, checkpoint: otherKey } },
    ],
    [
      'the checkpoint is signed under another name',
      'log.key_unknown',
      { receipt: { ...receipt, checkpoint: renamed } },
    ],
    [
      'the checkpoint was changed after signing',
      'log.signature',
      { receipt: { ...receipt, checkpoint: grown } },
    ],
    ['the checkpoint is of another log', 'log.origin', { receipt: { ...receipt, checkpoint: foreign } }],
    [
      'the namespace is in the private log of another',
      'log.origin',
      { receipt: await moved(world, `${REGISTRY}/log/beta`) },
    ],
    [
      'the log is that of another registry',
      'log.key_unknown',
      { receipt: await moved(world, 'evil.example.com/log/public') },
    ],
    ['the checkpoint is no note', 'note.invalid', { receipt: { ...receipt, checkpoint: 'none\n' } }],
    [
      'the leaf is not the logged one',
      'proof.inclusion',
      { receipt: { ...receipt, publish: { ...receipt.publish, leaf: encodeLeaf({ ...world.leaf, t: 1 }) } } },
    ],
    [
      'the leaf claims another index',
      'proof.inclusion',
      { receipt: { ...receipt, publish: { ...receipt.publish, index: 1 } } },
    ],
    [
      'the proof is cut short',
      'proof.inclusion',
      { receipt: { ...receipt, publish: { ...receipt.publish, proof: [] } } },
    ],
    [
      'the authority is not the logged one',
      'proof.inclusion',
      {
        receipt: {
          ...receipt,
          authority: receipt.authority.map((logged) => ({ ...logged, proof: [...logged.proof].reverse() })),
        },
      },
    ],
    ['the proof is that of another version', 'leaf.mismatch', { receipt, expected: 'acme/deploy@1.4.1' }],
    ['the proof is that of another workflow', 'leaf.mismatch', { receipt, expected: 'acme/other@1.4.2' }],
    [
      'the leaf publishes nothing',
      'leaf.mismatch',
      { receipt: { ...receipt, publish: receipt.authority[0] ?? receipt.publish } },
    ],
    [
      'the envelope is not the logged one',
      'envelope.digest',
      {
        receipt: {
          ...receipt,
          envelope: signEnvelope(PAYLOAD_TYPE_STATEMENT, encodePublishStatement(world.statement), [STRANGER]),
        },
      },
    ],
    [
      'the signature is S + L of a good one',
      'signature.invalid',
      { receipt: { ...relabelled.receipt, envelope: malleated } },
    ],
    ['somebody else signed', 'signature.invalid', { receipt: (await made({ signers: [STRANGER] })).receipt }],
    [
      'the payload is of another type',
      'envelope.payload_type',
      { receipt: { ...untypedWorld.receipt, envelope: untyped } },
    ],
    [
      'the payload is no statement',
      'statement.invalid',
      { receipt: { ...noStatementWorld.receipt, envelope: noStatement } },
    ],
    [
      'the key was never added',
      'key.unauthorised',
      {
        receipt: (
          await made({ signers: [STRANGER], leaf: (leaf) => ({ ...leaf, keyids: [STRANGER.publicKey.id] }) })
        ).receipt,
      },
    ],
    [
      'the authority is not the leaf that is named',
      'key.unauthorised',
      { receipt: (await made({ leaf: (leaf) => ({ ...leaf, auth: [0] }) })).receipt },
    ],
    ['the authority stands after the publish', 'key.unauthorised', { receipt: await late(world) }],
    [
      'the authority adds the key to another namespace',
      'key.unauthorised',
      { receipt: await reauthorised(world) },
    ],
    ['the authority is missing', 'key.unauthorised', { receipt: { ...receipt, authority: [] } }],
    [
      'the statement is for another registry',
      'statement.mismatch',
      {
        receipt: (await made({ statement: (statement) => ({ ...statement, registry: 'evil.example.com' }) }))
          .receipt,
      },
    ],
    [
      'the statement is of another archive',
      'statement.mismatch',
      {
        receipt: (await made({ leaf: (leaf) => ({ ...leaf, tar: { ...leaf.tar, sha256: otherDigest } }) }))
          .receipt,
      },
    ],
    [
      'the statement has another size',
      'statement.mismatch',
      {
        receipt: (
          await made({ leaf: (leaf) => ({ ...leaf, tar: { ...leaf.tar, size: leaf.tar.size + 512 } }) })
        ).receipt,
      },
    ],
    ['the blob was swapped', 'blob.digest', { receipt, blob: flipped }],
    ['the blob is cut short', 'blob.digest', { receipt, blob: blob.subarray(0, -1) }],
    [
      'the blob is damaged, and the log says so',
      'gzip.corrupt',
      { ...(await damaged(flipped)), blob: flipped },
    ],
    [
      'the archive is smaller than it was signed',
      'gzip.size',
      {
        receipt: (
          await leafAndStatement(
            (leaf) => ({ ...leaf, tar: { ...leaf.tar, size: leaf.tar.size + 512 } }),
            (statement) => ({
              ...statement,
              tar: { ...statement.tar, sizeBytes: statement.tar.sizeBytes + 512 },
            }),
          )
        ).receipt,
      },
    ],
    [
      'the archive is larger than it was signed',
      'gzip.corrupt',
      {
        receipt: (
          await leafAndStatement(
            (leaf) => ({ ...leaf, tar: { ...leaf.tar, size: leaf.tar.size - 512 } }),
            (statement) => ({
              ...statement,
              tar: { ...statement.tar, sizeBytes: statement.tar.sizeBytes - 512 },
            }),
          )
        ).receipt,
      },
    ],
    [
      'the archive is not the signed one',
      'tar.digest',
      {
        receipt: (
          await leafAndStatement(
            (leaf) => ({ ...leaf, tar: { ...leaf.tar, sha256: otherDigest } }),
            (statement) => ({
              ...statement,
              tar: { ...statement.tar, digest: `sha256:${otherDigest}` as PublishStatement['tar']['digest'] },
            }),
          )
        ).receipt,
      },
    ],
    [
      'the statement counts other files',
      'statement.mismatch',
      {
        receipt: (
          await made({ statement: (statement) => ({ ...statement, tar: { ...statement.tar, files: 5 } }) })
        ).receipt,
      },
    ],
    [
      'the statement is of another definition',
      'definition.mismatch',
      {
        receipt: (
          await made({
            statement: (statement) => ({
              ...statement,
              definition: { ...statement.definition, sha256: otherDigest },
            }),
          })
        ).receipt,
      },
    ],
    ...(await standingCases(world)),
  ];
  const stored = storedGzip(packTar(otherFiles));
  const named = await createWorld({ files: otherFiles, blob: stored });
  return [
    ...cases,
    [
      'the definition names another version',
      'definition.mismatch',
      { receipt: named.receipt, blob: stored },
    ] as const,
  ].map(([why, code, given]) => ({
    kind: 'release',
    why,
    code,
    ...givenText(given, blob),
  }));
}

/** A standing of some of these leaves, which are the whole log. */
async function documentOf(leaves: readonly Leaf[], indexes: readonly number[]): Promise<string> {
  const encoded = leaves.map(encodeLeaf);
  const read = readerOf(encoded.map(hashLeaf));
  const root = await treeRoot(encoded.length, read);
  const events = indexes.map(async (index) => ({
    index,
    leaf: encoded[index] ?? new Uint8Array(0),
    proof: await inclusionProof(index, encoded.length, read),
  }));
  const checkpoint = signNote(
    formatCheckpoint({ origin: ORIGIN, size: encoded.length, root }),
    ORIGIN,
    LOG_KEY,
  );
  return text(encodeStanding({ events: await Promise.all(events), checkpoint }));
}

function hashOf(leaf: Leaf): string {
  return hexOf(hashLeaf(encodeLeaf(leaf)));
}

/** A receipt of these leaves. */
async function receiptOf(
  { receipt }: World,
  leaves: readonly Leaf[],
  at: { readonly publish: number; readonly authority: number },
): Promise<Receipt> {
  const encoded = leaves.map(encodeLeaf);
  const read = readerOf(encoded.map(hashLeaf));
  const root = await treeRoot(encoded.length, read);
  const logged = async (index: number) => ({
    index,
    leaf: encoded[index] ?? new Uint8Array(0),
    proof: await inclusionProof(index, encoded.length, read),
  });
  return {
    envelope: receipt.envelope,
    publish: await logged(at.publish),
    authority: [await logged(at.authority)],
    checkpoint: signNote(formatCheckpoint({ origin: ORIGIN, size: encoded.length, root }), ORIGIN, LOG_KEY),
  };
}

function late(world: World): Promise<Receipt> {
  const [created, added] = world.leaves.map(parseLeaf);
  if (created === undefined || added === undefined) throw new Error('three leaves');
  const publish = { ...world.leaf, seq: 1, prev: hashOf(created), auth: [2] };
  return receiptOf(world, [created, publish, { ...added, seq: 2, prev: hashOf(publish) }], {
    publish: 1,
    authority: 2,
  });
}

function reauthorised(world: World): Promise<Receipt> {
  const [created, added] = world.leaves.map(parseLeaf);
  if (created === undefined || added === undefined) throw new Error('three leaves');
  const other = { ...added, ns: 'beta' as PublishLeaf['ns'] };
  return receiptOf(world, [created, other, { ...world.leaf, seq: 1, prev: hashOf(created) }], {
    publish: 2,
    authority: 1,
  });
}

/** The receipt with its log under another origin, signed under the origin's name. */
function moved({ receipt, leaves }: World, origin: string): Promise<Receipt> {
  const hashes = leaves.map(hashLeaf);
  return treeRoot(hashes.length, readerOf(hashes)).then((root) => ({
    ...receipt,
    checkpoint: signNote(formatCheckpoint({ origin, size: hashes.length, root }), origin, LOG_KEY),
  }));
}

async function damaged(blob: Uint8Array): Promise<Given> {
  return { receipt: (await createWorld({ blob })).receipt };
}

/** A release as a client is given it, which it must accept, in this state. */
export type AcceptedRelease = Omit<RefusedRelease, 'code'> & { readonly state: string };

/** What honest registries answer. */
export async function acceptedReleases(blob: Uint8Array): Promise<readonly AcceptedRelease[]> {
  const world = await createWorld({ blob });
  const { receipt, leaf } = world;
  const next = { v: 1, ns: leaf.ns, seq: 3, prev: hashOf(leaf), t: 1_700_000_003 } as const;
  const yank = { ...next, type: 'yank', name: leaf.name, version: leaf.version, reason: 'broken' } as const;
  const yanked = await documentOf([...world.leaves.map(parseLeaf), yank], [3]);
  const cases: readonly (readonly [string, string, Given])[] = [
    ['nothing happened since', 'active', { receipt, standings: [encodeText(receipt.checkpoint)] }],
    ['it was yanked since', 'yanked', { receipt, standings: [yanked] }],
    ['its namespace has a private log', 'active', { receipt: await moved(world, `${REGISTRY}/log/acme`) }],
  ];
  return cases.map(([why, state, given]) => ({ kind: 'release', why, state, ...givenText(given, blob) }));
}

function encodeText(checkpoint: string): string {
  return text(encodeStanding({ events: [], checkpoint }));
}

function givenText(given: Given, blob: Uint8Array) {
  return {
    logKey: LOG_VERIFIER.text,
    registry: REGISTRY,
    expected: given.expected ?? ASKED,
    receipt: text(encodeReceipt(given.receipt)),
    standings: given.standings ?? [],
    blob: encodeBase64(given.blob ?? blob),
  };
}

/** What the log says afterwards: revocations, a policy, and leaves that do not belong there. */
async function standingCases(world: World): Promise<readonly (readonly [string, string, Given])[]> {
  const { receipt } = world;
  const base = {
    v: 1,
    ns: world.leaf.ns,
    seq: 3,
    prev: hexOf(hashLeaf(encodeLeaf(world.leaf))),
    t: 1_700_000_003,
  } as const;
  const signed = {
    by: [PUBLISHER.publicKey.id],
    event: sha256Hex(encodeEnvelope(signEnvelope(PAYLOAD_TYPE_KEY_EVENT, new Uint8Array(0), [PUBLISHER]))),
  };
  const revoke = { ...base, type: 'key.revoke', keyid: PUBLISHER.publicKey.id, ...signed } as const;
  const release = { name: world.leaf.name, version: world.leaf.version };
  const document = async (leaf: Leaf): Promise<string> => {
    const leaves = [...world.leaves, encodeLeaf(leaf)];
    const hashes = leaves.map(hashLeaf);
    const size = hashes.length;
    const root = await treeRoot(size, readerOf(hashes));
    const proof = await inclusionProof(size - 1, size, readerOf(hashes));
    return text(
      encodeStanding({
        events: [{ index: size - 1, leaf: leaves.at(-1) ?? new Uint8Array(0), proof }],
        checkpoint: signNote(formatCheckpoint({ origin: ORIGIN, size, root }), ORIGIN, LOG_KEY),
      }),
    );
  };
  const held = world.leaves.map(parseLeaf);
  const [created, added] = held;
  if (created === undefined || added === undefined) throw new Error('three leaves');
  const policy = { ...base, type: 'ns.policy', threshold: 1, ...signed } as const;
  const yank = { ...base, type: 'yank', ...release, reason: 'broken' } as const;
  const early = hashOf(created);
  const compromised = await document({ ...revoke, reason: 'compromised', fromIndex: 2 });
  const state = await document({
    ...base,
    type: 'yank',
    ...release,
    version: '1.4.3' as PublishLeaf['version'],
    reason: 'broken',
  });
  const unknown = JSON.parse(compromised) as { events: { proof: string[] }[] };
  unknown.events[0]?.proof.reverse();
  return [
    ['the key was compromised before', 'key.revoked', { receipt, standings: [compromised] }],
    [
      'the key was revoked before the publish',
      'key.revoked',
      {
        receipt,
        standings: [
          await documentOf(
            [created, { ...revoke, reason: 'superseded', seq: 1, prev: early }, yank, yank],
            [1],
          ),
        ],
      },
    ],
    [
      'two checkpoints of one size have two roots',
      'log.fork',
      {
        receipt,
        standings: [await documentOf([created, added, { ...policy, seq: 2, prev: hashOf(added) }], [])],
      },
    ],
    [
      'another leaf stands at the index of the publish',
      'standing.invalid',
      {
        receipt,
        standings: [
          await documentOf([created, added, { ...policy, seq: 2, prev: hashOf(added) }, yank], [2]),
        ],
      },
    ],
    [
      'another leaf stands at the index of the authority',
      'standing.invalid',
      {
        receipt,
        standings: [await documentOf([created, { ...policy, seq: 1, prev: early }, yank, yank], [1])],
      },
    ],
    [
      'the release was yanked before it was published',
      'standing.invalid',
      {
        receipt,
        standings: [await documentOf([created, { ...yank, seq: 1, prev: early }, yank, yank], [1])],
      },
    ],
    [
      'a yank does not follow the publish that it comes after',
      'leaf.chain',
      { receipt, standings: [await document({ ...yank, prev: 'a'.repeat(64) })] },
    ],
    [
      'a yank has the number of the publish',
      'leaf.chain',
      { receipt, standings: [await document({ ...yank, seq: 2 })] },
    ],
    [
      'the policy asks for one key more',
      'signature.threshold',
      {
        receipt,
        standings: [
          await documentOf([{ ...policy, threshold: 2, seq: 0, prev: '' }, added, yank, yank], [0]),
        ],
      },
    ],
    ['the standing is of another release', 'leaf.mismatch', { receipt, standings: [state] }],
    [
      'the log does not hold the revocation',
      'proof.inclusion',
      { receipt, standings: [JSON.stringify(unknown)] },
    ],
  ];
}

function malleate(world: World) {
  const { envelope } = world.receipt;
  return {
    ...envelope,
    signatures: envelope.signatures.map(({ keyid, sig }) => {
      const bytes = findBase64(sig) ?? new Uint8Array(0);
      const forged = Uint8Array.from([
        ...bytes.subarray(0, 32),
        ...bytesOf(numberOf(bytes.subarray(32)) + L),
      ]);
      return { ...(keyid === undefined ? {} : { keyid }), sig: encodeBase64(forged) };
    }),
  };
}
