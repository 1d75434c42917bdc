import { parseVersion } from '@sheaf/workflow';
import { describe, expect, it } from 'vitest';
import { readBundle, type Bundle } from './archive/bundle.js';
import { gzipTar } from './archive/gzip.js';
import { packTar } from './archive/tar.js';
import { parseDigest } from './digest.js';
import { encodeUtf8 } from './encoding/bytes.js';
import { encodeLeaf } from './log/leaf.js';
import { logVerifierOf, signNote } from './log/note.js';
import { parseReceipt, encodeReceipt, type Receipt } from './receipt/receipt.js';
import { PAYLOAD_TYPE_STATEMENT, signEnvelope } from './statement/envelope.js';
import { encodePublishStatement } from './statement/publish-statement.js';
import { codeOf, codeOfAsync } from './testing/codes.js';
import {
  createWorld,
  LOG_KEY,
  LOG_VERIFIER,
  ORIGIN,
  PUBLISHER,
  REGISTRY,
  RELEASE,
  sampleFiles,
  STRANGER,
} from './testing/world.js';
import {
  checkAuthority,
  checkBlob,
  checkBundleStatement,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkReceiptCheckpoint,
  checkStatement,
  openVerifiedBundle,
} from './verify.js';

/** Every step that needs no network, in the order of the specification. */
async function verify(
  receipt: Receipt,
  blob: Uint8Array,
  expected = RELEASE,
  registry = REGISTRY,
): Promise<Bundle> {
  const checkpoint = checkReceiptCheckpoint(receipt, LOG_VERIFIER, ORIGIN);
  checkInclusion(receipt.publish, checkpoint);
  for (const logged of receipt.authority) checkInclusion(logged, checkpoint);
  const leaf = checkPublishLeaf(receipt.publish.leaf, expected);
  checkEnvelope(receipt, leaf);
  const keys = checkAuthority(receipt, leaf);
  const statement = checkStatement(receipt.envelope, keys, 1, leaf, registry);
  checkBlob(blob, leaf);
  const bundle = await openVerifiedBundle(blob, leaf);
  checkBundleStatement(bundle, statement);
  return bundle;
}

const world = await createWorld();

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

describe('the whole chain', () => {
  it('accepts what was published, also after a round trip through bytes', async () => {
    const bundle = await verify(parseReceipt(encodeReceipt(world.receipt)), world.blob);
    expect(bundle.definition.id).toBe('acme/deploy');
    expect(bundle.files.map(({ path, executable }) => [path, executable])).toEqual([
      ['README.md', false],
      ['scripts/deploy.sh', true],
      ['scripts/lib/größe.txt', false],
      ['workflow.toml', false],
    ]);
  });

  it('refuses the proof of another version', async () => {
    const expected = { ...RELEASE, version: parseVersion('1.4.1') };
    expect(await codeOfAsync(verify(world.receipt, world.blob, expected))).toBe('leaf.mismatch');
  });

  it('refuses a leaf that is no publish', () => {
    expect(codeOf(() => checkPublishLeaf(world.leaves[0] ?? new Uint8Array(0), RELEASE))).toBe(
      'leaf.mismatch',
    );
  });

  it('refuses a replay in another registry', async () => {
    expect(await codeOfAsync(verify(world.receipt, world.blob, RELEASE, 'evil.example.com'))).toBe(
      'statement.mismatch',
    );
  });

  it('refuses any single flipped bit of the blob', async () => {
    for (const at of [0, 3, 20, world.blob.length - 1]) {
      expect(await codeOfAsync(verify(world.receipt, flip(world.blob, at)))).toBe('blob.digest');
    }
    expect(await codeOfAsync(verify(world.receipt, world.blob.subarray(0, -1)))).toBe('blob.digest');
  });

  it('refuses any single flipped byte of an encoded receipt', async () => {
    const bytes = encodeReceipt(world.receipt);
    for (let at = 0; at < bytes.length; at += 7) {
      const code = await codeOfAsync((async () => verify(parseReceipt(flip(bytes, at)), world.blob))());
      expect(code, `byte ${at}`).not.toBe('nothing');
    }
  });
});

describe('checkReceiptCheckpoint', () => {
  it('refuses a checkpoint that another key signed', () => {
    const [text] = world.receipt.checkpoint.split('\n\u2014');
    const forged = { checkpoint: signNote(text ?? '', ORIGIN, STRANGER) };
    expect(codeOf(() => checkReceiptCheckpoint(forged, LOG_VERIFIER, ORIGIN))).toBe('log.key_unknown');
  });

  it('refuses a changed checkpoint, and one of another log', () => {
    const changed = { checkpoint: world.receipt.checkpoint.replace('\n3\n', '\n4\n') };
    expect(codeOf(() => checkReceiptCheckpoint(changed, LOG_VERIFIER, ORIGIN))).toBe('log.signature');
    expect(codeOf(() => checkReceiptCheckpoint(world.receipt, LOG_VERIFIER, `${ORIGIN}2`))).toBe(
      'log.origin',
    );
    const other = logVerifierOf('other.example.com/log/public', LOG_KEY.publicKey.raw);
    expect(codeOf(() => checkReceiptCheckpoint(world.receipt, other, ORIGIN))).toBe('log.key_unknown');
  });
});

describe('checkInclusion', () => {
  const checkpoint = checkReceiptCheckpoint(world.receipt, LOG_VERIFIER, ORIGIN);

  it.each([
    ['another leaf', { leaf: flip(world.receipt.publish.leaf, 5) }],
    ['another index', { index: 1 }],
    ['an index behind the end', { index: 3 }],
    ['a proof that is too short', { proof: [] }],
    ['a changed proof', { proof: world.receipt.publish.proof.map((hash) => flip(hash, 0)) }],
  ])('refuses %s', (_, change) => {
    const logged = { ...world.receipt.publish, ...change };
    expect(
      codeOf(() => {
        checkInclusion(logged, checkpoint);
      }),
    ).toBe('proof.inclusion');
  });
});

describe('checkEnvelope', () => {
  it('refuses an envelope that the log did not record, though its signature is good', () => {
    const statement = { ...world.statement, signedAt: '2025-01-02T00:00:00Z' };
    const envelope = signEnvelope(PAYLOAD_TYPE_STATEMENT, encodePublishStatement(statement), [PUBLISHER]);
    expect(
      codeOf(() => {
        checkEnvelope({ envelope }, world.leaf);
      }),
    ).toBe('envelope.digest');
  });
});

describe('checkAuthority', () => {
  const [authority] = world.receipt.authority;
  const withAuthority = (change: object): Receipt => ({
    ...world.receipt,
    authority: authority === undefined ? [] : [{ ...authority, ...change }],
  });
  const keyAdd = (change: object): Uint8Array =>
    encodeLeaf({ ...(JSON.parse(new TextDecoder().decode(authority?.leaf)) as object), ...change } as never);

  it.each([
    ['no authority', { ...world.receipt, authority: [] }],
    [
      'more authorities than keys',
      { ...world.receipt, authority: [...world.receipt.authority, ...world.receipt.authority] },
    ],
    ['a leaf at another index than the publish names', withAuthority({ index: 0 })],
    ['a leaf that adds no key', withAuthority({ leaf: world.leaves[0] })],
    ['a leaf of another namespace', withAuthority({ leaf: keyAdd({ ns: 'evil' }) })],
    [
      'a leaf that adds another key',
      withAuthority({
        leaf: keyAdd({
          keyid: STRANGER.publicKey.id,
          key: Buffer.concat([
            Buffer.from('302a300506032b6570032100', 'hex'),
            STRANGER.publicKey.raw,
          ]).toString('base64'),
        }),
      }),
    ],
    [
      'a key that was added after the publish',
      { ...world.receipt, publish: { ...world.receipt.publish, index: 1 } },
    ],
  ])('refuses %s', (_, receipt) => {
    expect(codeOf(() => checkAuthority(receipt, world.leaf))).toBe('key.unauthorised');
  });

  it('refuses a leaf whose key id is not that of its key', () => {
    const bytes = new TextDecoder()
      .decode(authority?.leaf)
      .replaceAll(PUBLISHER.publicKey.id, STRANGER.publicKey.id);
    expect(codeOf(() => checkAuthority(withAuthority({ leaf: encodeUtf8(bytes) }), world.leaf))).toBe(
      'leaf.invalid',
    );
  });
});

describe('checkStatement', () => {
  it('refuses the signature of a key that is not authorised', async () => {
    const forged = await createWorld({ signers: [STRANGER] });
    expect(await codeOfAsync(verify(forged.receipt, forged.blob))).toBe('signature.invalid');
  });

  it('refuses fewer signatures than the threshold, and counts a key once', async () => {
    const { receipt, leaf } = await createWorld({ signers: [PUBLISHER, PUBLISHER] });
    const keys = [PUBLISHER.publicKey, STRANGER.publicKey];
    expect(codeOf(() => checkStatement(receipt.envelope, keys, 2, leaf, REGISTRY))).toBe('signature.invalid');
    expect(codeOf(() => checkStatement(receipt.envelope, keys, 1, leaf, REGISTRY))).toBe('nothing');
    expect(codeOf(() => checkStatement(receipt.envelope, keys, 0, leaf, REGISTRY))).toBe('signature.invalid');
  });

  it.each([
    ['version', { version: parseVersion('1.4.3') }],
    ['registry', { registry: 'other.example.com' }],
    [
      'digest',
      { tar: { digest: parseDigest(`sha256:${'0'.repeat(64)}`), sizeBytes: world.tar.length, files: 4 } },
    ],
    ['size', { tar: { ...world.statement.tar, sizeBytes: 1 } }],
  ])('refuses a statement with another %s than the leaf', async (_, change) => {
    const lying = await createWorld({ statement: (statement) => ({ ...statement, ...change }) });
    expect(await codeOfAsync(verify(lying.receipt, lying.blob))).toBe('statement.mismatch');
  });
});

describe('openVerifiedBundle', () => {
  it('refuses an archive of the right size with other bytes', async () => {
    const blob = await gzipTar(flip(world.tar, 513));
    const lying = await createWorld({ blob });
    expect(await codeOfAsync(verify(lying.receipt, blob))).toBe('tar.digest');
  });

  it('refuses an archive that is shorter or longer than was signed', async () => {
    for (const [size, code] of [
      [world.tar.length - 512, /^gzip\./],
      [world.tar.length + 512, /^gzip\./],
      [64 << 20, /^archive\.too_large$/],
    ] as const) {
      const leaf = { ...world.leaf, tar: { ...world.leaf.tar, size } };
      expect(await codeOfAsync(openVerifiedBundle(world.blob, leaf))).toMatch(code);
    }
  });

  it('refuses a definition that names another release', async () => {
    const files = sampleFiles().map((file) =>
      file.path === 'workflow.toml'
        ? { ...file, bytes: encodeUtf8(new TextDecoder().decode(file.bytes).replace('1.4.2', '9.9.9')) }
        : file,
    );
    const lying = await createWorld({ files });
    expect(await codeOfAsync(verify(lying.receipt, lying.blob))).toBe('definition.mismatch');
  });
});

describe('checkBundleStatement', () => {
  const bundle = readBundle(world.tar);

  it.each([
    ['another number of files', { tar: { ...world.statement.tar, files: 3 } }, 'statement.mismatch'],
    ['another size', { tar: { ...world.statement.tar, sizeBytes: 3 } }, 'statement.mismatch'],
    [
      'another definition',
      { definition: { path: 'workflow.toml', sha256: '0'.repeat(64) } },
      'definition.mismatch',
    ],
    [
      'another path',
      { definition: { ...world.statement.definition, path: 'workflow.yaml' } },
      'definition.mismatch',
    ],
    ['another version', { version: parseVersion('2.0.0') }, 'definition.mismatch'],
  ])('refuses %s', (_, change, code) => {
    expect(
      codeOf(() => {
        checkBundleStatement(bundle, { ...world.statement, ...change });
      }),
    ).toBe(code);
  });

  it('accepts the statement of the bundle', () => {
    expect(
      codeOf(() => {
        checkBundleStatement(readBundle(packTar(sampleFiles())), world.statement);
      }),
    ).toBe('nothing');
  });
});
