import { emptyRoot, hashChildren, type ReadHashes } from '../log/merkle.js';

/** RFC 6962 §2.1 written as it is defined, to hold the fast code against. */
export function referenceRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [first] = leafHashes;
  if (first === undefined) return emptyRoot();
  if (leafHashes.length === 1) return first;
  let middle = 1;
  while (middle * 2 < leafHashes.length) middle *= 2;
  return hashChildren(referenceRoot(leafHashes.slice(0, middle)), referenceRoot(leafHashes.slice(middle)));
}

/** Reads complete subtrees straight from the leaves. */
export function readerOf(leafHashes: readonly Uint8Array[]): ReadHashes {
  return (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => {
        const start = index * 2 ** level;
        const leaves = leafHashes.slice(start, start + 2 ** level);
        if (leaves.length !== 2 ** level) throw new Error(`no complete subtree ${level}/${index}`);
        return referenceRoot(leaves);
      }),
    );
}
