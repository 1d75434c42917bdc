import { readFileSync, writeFileSync } from 'node:fs';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import {
  appendToTiles,
  consistencyProof,
  decodeKeyFile,
  encodeBase64,
  entryBundlePath,
  formatTlogProof,
  hashLeaf,
  inclusionProof,
  parseReceipt,
  parseTlogProof,
  signEd25519,
  spkiOf,
  tilePath,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.js';
import { hexOf } from '../src/encoding/bytes.js';
import { platform } from '../src/platform/node.js';
import { readerOf } from '../src/testing/tree.js';
import { PUBLISHER } from '../src/testing/world.js';

const VECTORS = new URL('../vectors/v1/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, VECTORS), 'utf8');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const SIZE = 300;
const hashes = Array.from({ length: SIZE }, (_, i) => hashLeaf(text(`leaf ${i}`)));
const tree = readerOf(hashes);
const rootOf = (size: number) => treeRoot(size, tree);

async function inclusion(index: number, size: number) {
  const proof = await inclusionProof(index, size, readerOf(hashes.slice(0, size)));
  return {
    index,
    size,
    leaf: hexOf(hashes[index] ?? text('')),
    root: hexOf(await rootOf(size)),
    proof: proof.map(hexOf),
  };
}

async function consistency(oldSize: number, newSize: number) {
  const proof = await consistencyProof(oldSize, newSize, readerOf(hashes.slice(0, newSize)));
  const [oldRoot, newRoot] = [hexOf(await rootOf(oldSize)), hexOf(await rootOf(newSize))];
  return { oldSize, oldRoot, newSize, newRoot, proof: proof.map(hexOf) };
}

const places = [
  [0, 1],
  [0, 2],
  [2, 3],
  [6, 7],
  [255, 256],
  [256, 257],
  [0, 300],
  [299, 300],
  [128, 300],
] as const;
const pairs = [
  [0, 5],
  [1, 1],
  [1, 2],
  [3, 7],
  [4, 7],
  [6, 8],
  [256, 300],
  [255, 257],
  [299, 300],
] as const;
const receipt = parseReceipt(text(read('receipt.json')));

const proofs = {
  leaves: 'leaf i is the text `leaf <i>`',
  inclusion: await Promise.all(places.map(([index, size]) => inclusion(index, size))),
  consistency: await Promise.all(pairs.map(([oldSize, newSize]) => consistency(oldSize, newSize))),
  tiles: appendToTiles(0, new Map(), hashes).tiles.map(({ level, index, width, hashes: row }) => ({
    path: tilePath(level, index, width),
    sha256: hexOf(platform.sha256(row)),
  })),
  paths: [
    { level: 0, index: 0, width: 256, path: tilePath(0, 0, 256) },
    { level: 1, index: 1_234_067, width: 256, path: tilePath(1, 1_234_067, 256) },
    { level: 0, index: 999, width: 1, path: tilePath(0, 999, 1) },
    { level: 'entries', index: 1000, width: 255, path: entryBundlePath(1000, 255) },
  ],
  tlogProof: formatTlogProof({
    index: receipt.publish.index,
    hashes: receipt.publish.proof,
    checkpoint: receipt.checkpoint,
  }),
};

const PASSPHRASE = 'caf\u00e9 – correct horse';
const salt = new Uint8Array(32).fill(5);
const nonce = new Uint8Array(24).fill(6);
const stretched = await platform.scrypt(text(PASSPHRASE.normalize('NFKC')), salt, {
  n: 1 << 17,
  r: 8,
  p: 1,
  keyBytes: 32,
});
const head = { schema: 'sheaf.key/1', name: 'me', publicKey: encodeBase64(spkiOf(PUBLISHER.publicKey)) };
const keys = {
  seed: hexOf(PUBLISHER.seed),
  raw: hexOf(PUBLISHER.publicKey.raw),
  spki: encodeBase64(spkiOf(PUBLISHER.publicKey)),
  id: PUBLISHER.publicKey.id,
  message: 'a message',
  signature: encodeBase64(signEd25519(PUBLISHER, text('a message'))),
  passphrase: PASSPHRASE,
  files: [
    JSON.stringify({ ...head, kdf: 'none', seed: encodeBase64(PUBLISHER.seed) }),
    JSON.stringify({
      ...head,
      kdf: 'scrypt',
      n: 1 << 17,
      r: 8,
      p: 1,
      salt: encodeBase64(salt),
      nonce: encodeBase64(nonce),
      box: encodeBase64(nacl.secretbox(PUBLISHER.seed, nonce, stretched)),
    }),
  ],
};

const regenerated = { 'proofs.json': proofs, 'keys.json': keys };
if (process.env['SHEAF_WRITE_VECTORS'] === '1') {
  for (const [name, value] of Object.entries(regenerated)) {
    writeFileSync(new URL(name, VECTORS), `${JSON.stringify(value, null, 2)}\n`);
  }
}

describe('the golden vectors of proofs and keys', () => {
  it.each(Object.entries(regenerated))('%s is made again to the byte', (name, value) => {
    expect(read(name)).toBe(`${JSON.stringify(value, null, 2)}\n`);
  });

  it('prove what they say, and nothing with one hash changed', () => {
    const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
    for (const { index, size, leaf, root, proof } of proofs.inclusion) {
      expect(verifyInclusion(bytes(leaf), index, size, proof.map(bytes), bytes(root))).toBe(true);
      expect(verifyInclusion(bytes(root), index, size, proof.map(bytes), bytes(root))).toBe(size === 1);
    }
    for (const { oldSize, oldRoot, newSize, newRoot, proof } of proofs.consistency) {
      const verify = (changed: string) =>
        verifyConsistency(oldSize, bytes(oldRoot), newSize, bytes(changed), proof.map(bytes));
      expect(verify(newRoot)).toBe(true);
      if (oldSize > 0) expect(verify('00'.repeat(32))).toBe(false);
    }
    expect(parseTlogProof(proofs.tlogProof).hashes).toEqual(receipt.publish.proof);
  });

  it('open every key file', async () => {
    for (const file of keys.files) expect((await decodeKeyFile(file, PASSPHRASE)).key).toEqual(PUBLISHER);
  });
});
