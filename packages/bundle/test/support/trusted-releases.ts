import {
  encodeBase64,
  encodeEnvelope,
  encodeLeaf,
  encodePublishStatement,
  encodeReceipt,
  formatCheckpoint,
  hashLeaf,
  inclusionProof,
  type KeyEphemeralLeaf,
  type Leaf,
  PAYLOAD_TYPE_STATEMENT,
  type PublishLeaf,
  sha256Hex,
  signEnvelope,
  type SigningKey,
  signingKeyFromSeed,
  signNote,
  spkiOf,
  treeRoot,
} from '../../src/index.js';
import { hexOf } from '../../src/encoding/bytes.js';
import { readerOf } from '../../src/testing/tree.js';
import {
  createWorld,
  LOG_KEY,
  LOG_VERIFIER,
  ORIGIN,
  PUBLISHER,
  REGISTRY,
  RELEASE,
} from '../../src/testing/world.js';
import type { AcceptedRelease, RefusedRelease } from './refused-releases.js';

export const CI_KEY = signingKeyFromSeed(new Uint8Array(32).fill(11));
const SECOND_CI_KEY = signingKeyFromSeed(new Uint8Array(32).fill(12));
const T = 1_700_000_000;

/** What an ephemeral key's leaf says beyond its place in the chain. */
export const EPHEMERAL = {
  type: 'key.ephemeral',
  name: RELEASE.name,
  keyid: CI_KEY.publicKey.id,
  key: encodeBase64(spkiOf(CI_KEY.publicKey)),
  exp: T + 1202,
  issuer: 'https://token.actions.githubusercontent.com',
  identity: { repository_id: '1296269', repository_owner_id: '583231' },
  claims: {
    repository: 'acme/deploy',
    ref: 'refs/tags/v1.4.2',
    sha: '0123456789abcdef0123456789abcdef01234567',
  },
} as const satisfies Partial<KeyEphemeralLeaf>;

interface Changes {
  readonly first?: Partial<Omit<KeyEphemeralLeaf, 'name'>> & {
    readonly name?: KeyEphemeralLeaf['name'] | undefined;
  };
  readonly publish?: Partial<PublishLeaf>;
  /** Who signs the statement instead of those that the leaf names. */
  readonly forger?: SigningKey;
  /** With the log index of the leaf that authorises each. */
  readonly signers?: readonly (readonly [SigningKey, number])[];
}

/** Leaves 0 to 4: the namespace, its key, two ephemeral keys, and a release that some of them signed. */
async function givenOf(blob: Uint8Array, changes: Changes) {
  const { leaves, leaf, statement } = await createWorld({ blob });
  const signers = changes.signers ?? [[CI_KEY, 2]];
  const envelope = signEnvelope(
    PAYLOAD_TYPE_STATEMENT,
    encodePublishStatement(statement),
    changes.forger === undefined ? signers.map(([key]) => key) : [changes.forger],
  );
  const chain = leaves.slice(0, 2);
  const append = (body: object, seq: number): void => {
    const prev = hexOf(hashLeaf(chain.at(-1) ?? new Uint8Array(0)));
    chain.push(encodeLeaf({ ns: RELEASE.namespace, t: T + seq, ...body, v: 1, seq, prev } as Leaf));
  };
  append({ ...EPHEMERAL, ...changes.first }, 2);
  const second = { keyid: SECOND_CI_KEY.publicKey.id, key: encodeBase64(spkiOf(SECOND_CI_KEY.publicKey)) };
  append({ ...EPHEMERAL, ...second }, 3);
  append(
    {
      ...leaf,
      t: T + 4,
      envelope: sha256Hex(encodeEnvelope(envelope)),
      keyids: signers.map(([key]) => key.publicKey.id),
      auth: signers.map(([, index]) => index),
      ...changes.publish,
    },
    4,
  );
  const hashes = chain.map(hashLeaf);
  const root = await treeRoot(hashes.length, readerOf(hashes));
  const logged = async (index: number) => ({
    index,
    leaf: chain[index] ?? new Uint8Array(0),
    proof: await inclusionProof(index, hashes.length, readerOf(hashes)),
  });
  const receipt = encodeReceipt({
    envelope,
    publish: await logged(4),
    authority: await Promise.all(signers.map(([, index]) => logged(index))),
    checkpoint: signNote(formatCheckpoint({ origin: ORIGIN, size: hashes.length, root }), ORIGIN, LOG_KEY),
  });
  return {
    kind: 'release',
    logKey: LOG_VERIFIER.text,
    registry: REGISTRY,
    expected: 'acme/deploy@1.4.2',
    receipt: new TextDecoder().decode(receipt),
    standings: [],
    blob: encodeBase64(blob),
  } as const;
}

/** Releases that an ephemeral key signed as it may. */
export async function acceptedTrusted(blob: Uint8Array): Promise<readonly AcceptedRelease[]> {
  const cases: readonly (readonly [string, Changes])[] = [
    ['an ephemeral key signed its workflow', {}],
    ['an ephemeral key of the whole namespace signed', { first: { name: undefined } }],
    ['an ephemeral key signed in its last second', { publish: { t: EPHEMERAL.exp } }],
    [
      'a key of the namespace signed beside an ephemeral one',
      {
        signers: [
          [PUBLISHER, 1],
          [CI_KEY, 2],
        ],
      },
    ],
  ];
  return Promise.all(
    cases.map(async ([why, changes]) => ({ why, state: 'active', ...(await givenOf(blob, changes)) })),
  );
}

/** Releases that an ephemeral key signed though it may not. */
export async function refusedTrusted(blob: Uint8Array): Promise<readonly RefusedRelease[]> {
  const cases: readonly (readonly [string, string, Changes])[] = [
    [
      'the ephemeral key is of another workflow',
      'key.unauthorised',
      { first: { name: 'other' as typeof RELEASE.name } },
    ],
    [
      'the ephemeral key is of another namespace',
      'key.unauthorised',
      { first: { ns: 'evil' as typeof RELEASE.namespace } },
    ],
    ['the time of the ephemeral key was over', 'key.expired', { publish: { t: EPHEMERAL.exp + 1 } }],
    ['the ephemeral key was given more than an hour', 'key.unauthorised', { first: { exp: T + 3603 } }],
    [
      'two ephemeral keys signed',
      'key.unauthorised',
      {
        signers: [
          [CI_KEY, 2],
          [SECOND_CI_KEY, 3],
        ],
      },
    ],
    ['the ephemeral key is not the one that signed', 'signature.invalid', { forger: SECOND_CI_KEY }],
    ['the leaf that is named adds another ephemeral key', 'key.unauthorised', { signers: [[CI_KEY, 3]] }],
  ];
  return Promise.all(
    cases.map(async ([why, code, changes]) => ({ why, code, ...(await givenOf(blob, changes)) })),
  );
}

/** Leaves that are nearly right. */
export function refusedLeaves() {
  const text = (leaf: Leaf) => new TextDecoder().decode(encodeLeaf(leaf));
  const base = { v: 1, ns: RELEASE.namespace, seq: 0, prev: '', t: T } as const;
  const ephemeral = text({ ...base, ...EPHEMERAL });
  const channel = text({
    ...base,
    type: 'channel.set',
    name: RELEASE.name,
    channel: 'beta',
    version: RELEASE.version,
  });
  const transfer = text({ ...base, type: 'ns.transfer' });
  const cases: readonly (readonly [string, string])[] = [
    ['an ephemeral key of another id', ephemeral.replace(CI_KEY.publicKey.id, PUBLISHER.publicKey.id)],
    ['an ephemeral key without an end', ephemeral.replace(/"exp":\d+,/, '')],
    ['an ephemeral key without an identity', ephemeral.replace(/"identity":\{[^}]*\},/, '')],
    ['an identity without a claim', ephemeral.replace(/"identity":\{[^}]*\}/, '"identity":{}')],
    [
      'nine claims',
      ephemeral.replace(
        /"claims":\{[^}]*\}/,
        `"claims":{${Array.from('abcdefghi')
          .map((name) => `"${name}":"1"`)
          .join(',')}}`,
      ),
    ],
    ['a claim that is a number', ephemeral.replace('"1296269"', '1296269')],
    ['a claim that is empty', ephemeral.replace('"1296269"', '""')],
    ['a claim of 257 characters', ephemeral.replace('1296269', '1'.repeat(257))],
    ['a claim in reversed text', ephemeral.replace('1296269', '1\u202e')],
    ['a claim whose name begins with a digit', ephemeral.replace('"repository_id"', '"1repository"')],
    ['a claim whose name is in capitals', ephemeral.replace('"repository_id"', '"Repository"')],
    ['an issuer that is no url', ephemeral.replace('https:', 'urn:')],
    ['an issuer of 257 characters', ephemeral.replace('https://', `https://${'a'.repeat(214)}`)],
    ['an ephemeral key with signers', ephemeral.replace('"exp"', '"by":[],"exp"')],
    ['a channel with a dot', channel.replace('beta', 'b.1')],
    ['a channel that begins with a digit', channel.replace('beta', '1b')],
    ['a channel of 65 characters', channel.replace('beta', 'b'.repeat(65))],
    ['a channel that points nowhere', channel.replace(/,"version":"[^"]*"/, '')],
    ['a transfer to somebody', transfer.replace('"t":', '"owner":"eve","t":')],
  ];
  return cases.map(([why, leaf]) => ({ kind: 'leaf', why, code: 'leaf.invalid', leaf }) as const);
}
