import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHex, hexOf } from '../encoding/bytes.js';
import { codeOfAsync } from '../testing/codes.js';
import { readerOf, referenceRoot } from '../testing/tree.js';
import {
  consistencyProof,
  emptyRoot,
  hashLeaf,
  inclusionProof,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from './merkle.js';

/** The eight leaves that Certificate Transparency's own tests use. */
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => hashLeaf(findHex(hex) ?? new Uint8Array(0)));
const CT_ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leaves = Array.from({ length: 300 }, (_, i) => hashLeaf(Uint8Array.of(i & 255, i >> 8)));
const read = readerOf(leaves);

function flip(bytes: Uint8Array | undefined): Uint8Array {
  const changed = Uint8Array.from(bytes ?? []);
  changed[0] = (changed[0] ?? 0) ^ 1;
  return changed;
}

describe('treeRoot', () => {
  it('gives the roots of RFC 6962 for the leaves of Certificate Transparency', async () => {
    expect(hexOf(await treeRoot(0, readerOf([])))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    for (const [i, root] of CT_ROOTS.entries()) {
      expect(hexOf(await treeRoot(i + 1, readerOf(CT_LEAVES)))).toBe(root);
    }
  });

  it('is the definition, for every size', async () => {
    for (let size = 0; size <= 70; size++) {
      expect(await treeRoot(size, read)).toEqual(referenceRoot(leaves.slice(0, size)));
    }
  });

  it('works where numbers leave 32 bits', async () => {
    const asked: number[] = [];
    await treeRoot(2 ** 53 - 1, (nodes) => {
      asked.push(...nodes.map(({ level }) => level));
      return Promise.resolve(nodes.map(() => hashLeaf(new Uint8Array(0))));
    });
    expect(asked).toEqual(Array.from({ length: 53 }, (_, i) => 52 - i));
  });
});

describe('inclusion', () => {
  it('gives the paths that Certificate Transparency publishes', async () => {
    expect((await inclusionProof(0, 8, readerOf(CT_LEAVES))).map(hexOf)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect((await inclusionProof(2, 3, readerOf(CT_LEAVES))).map(hexOf)).toEqual([CT_ROOTS[1]]);
  });

  it('holds for every leaf of every size, and for no other leaf, index, size, root or proof', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), async (size, pick, other) => {
        const index = pick % size;
        const leaf = leaves[index] ?? new Uint8Array(0);
        const root = await treeRoot(size, read);
        const proof = await inclusionProof(index, size, read);
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(flip(leaf), index, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, proof, flip(root))).toBe(false);
        const elsewhere = other % (size + 2);
        if (elsewhere !== index) expect(verifyInclusion(leaf, elsewhere, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
        if (proof.length > 0) {
          const at = other % proof.length;
          expect(
            verifyInclusion(
              leaf,
              index,
              size,
              proof.map((hash, i) => (i === at ? flip(hash) : hash)),
              root,
            ),
          ).toBe(false);
          expect(
            verifyInclusion(
              leaf,
              index,
              size,
              proof.filter((_, i) => i !== at),
              root,
            ),
          ).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is refused for what is no index, size or hash', async () => {
    const [leaf = new Uint8Array(0)] = leaves;
    expect(verifyInclusion(leaf, 0, 1, [], leaf)).toBe(true);
    for (const [index, size] of [
      [-1, 1],
      [1, 1],
      [0, 0],
      [0.5, 1],
      [0, 2 ** 53],
      [Number.NaN, 1],
    ] as const) {
      expect(verifyInclusion(leaf, index, size, [], leaf)).toBe(false);
      expect(await codeOfAsync(inclusionProof(index, size, read))).toBe('log.range');
    }
    expect(verifyInclusion(leaf.subarray(1), 0, 1, [], leaf.subarray(1))).toBe(false);
  });
});

describe('consistency', () => {
  it('gives the proofs that Certificate Transparency publishes', async () => {
    expect((await consistencyProof(6, 8, readerOf(CT_LEAVES))).map(hexOf)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('holds for every two sizes, and for no other root, size or proof', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 300 }), fc.nat({ max: 300 }), fc.nat(), async (a, b, other) => {
        const [oldSize, newSize] = [Math.min(a, b), Math.max(a, b)];
        const oldRoot = await treeRoot(oldSize, read);
        const newRoot = await treeRoot(newSize, read);
        const proof = await consistencyProof(oldSize, newSize, read);
        expect(verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof)).toBe(true);
        expect(verifyConsistency(oldSize, flip(oldRoot), newSize, newRoot, proof)).toBe(false);
        // From the empty tree every tree follows.
        expect(verifyConsistency(oldSize, oldRoot, newSize, flip(newRoot), proof)).toBe(
          oldSize === 0 && newSize > 0,
        );
        expect(verifyConsistency(oldSize, oldRoot, newSize, newRoot, [...proof, newRoot])).toBe(false);
        if (oldSize > 0 && newSize > oldSize) {
          expect(verifyConsistency(oldSize - 1, oldRoot, newSize, newRoot, proof)).toBe(false);
          expect(verifyConsistency(newSize, newRoot, oldSize, oldRoot, proof)).toBe(false);
          const at = other % proof.length;
          expect(
            verifyConsistency(
              oldSize,
              oldRoot,
              newSize,
              newRoot,
              proof.map((hash, i) => (i === at ? flip(hash) : hash)),
            ),
          ).toBe(false);
          expect(
            verifyConsistency(
              oldSize,
              oldRoot,
              newSize,
              newRoot,
              proof.filter((_, i) => i !== at),
            ),
          ).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('from size 0 needs the empty root and an empty proof', async () => {
    const root = await treeRoot(5, read);
    expect(verifyConsistency(0, emptyRoot(), 5, root, [])).toBe(true);
    expect(verifyConsistency(0, root, 5, root, [])).toBe(false);
    expect(verifyConsistency(0, emptyRoot(), 5, root, [root])).toBe(false);
    expect(verifyConsistency(0, emptyRoot(), 0, emptyRoot(), [])).toBe(true);
    expect(await codeOfAsync(consistencyProof(6, 5, read))).toBe('log.range');
  });
});
