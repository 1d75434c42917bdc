import { sha256 } from '../digest.js';
import { equalBytes } from '../encoding/equal-bytes.js';
import { BundleError } from '../error.js';

/** A complete subtree: `level` 0 is a leaf, and the node covers leaves `index·2^level` to `(index+1)·2^level`. */
export interface NodeAddress {
  readonly level: number;
  readonly index: number;
}

/** Fetches the hashes of complete subtrees, in the order asked for. */
export type ReadHashes = (nodes: readonly NodeAddress[]) => Promise<readonly Uint8Array[]>;

/** A SHA-256. */
export const HASH_BYTES = 32;
/** No tree has more levels: sizes are safe integers. */
export const MAX_PROOF_HASHES = 53;

/** RFC 6962 §2.1: the hash of a leaf's bytes. */
export function hashLeaf(leaf: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + leaf.length);
  input.set(leaf, 1);
  return sha256(input);
}

/** What a node is hashed from. Proofs from tiles hash hundreds of nodes each, so it is made once and written over. */
const nodeInput = Uint8Array.from({ length: 1 + 2 * HASH_BYTES }, () => 1);

/** RFC 6962 §2.1: the hash of an inner node. */
export function hashChildren(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** The hash of an inner node whose children stand one after the other in 64 bytes. */
export function hashSiblings(siblings: Uint8Array): Uint8Array {
  nodeInput.set(siblings, 1);
  return sha256(nodeInput);
}

/** The root of the tree without leaves: the SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** The root of the tree of the first `size` leaves. @throws BundleError `log.range` */
export async function treeRoot(size: number, readHashes: ReadHashes): Promise<Uint8Array> {
  checkSize(size);
  if (size === 0) return emptyRoot();
  const [root] = await readRanges([{ start: 0, end: size }], readHashes);
  return root ?? emptyRoot();
}

/**
 * The proof that leaf `index` is in the tree of `size` leaves (RFC 6962 §2.1.1), from the leaf's sibling upwards.
 *
 * @throws BundleError `log.range`
 */
export async function inclusionProof(
  index: number,
  size: number,
  readHashes: ReadHashes,
): Promise<readonly Uint8Array[]> {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new BundleError('log.range', `leaf ${index} is not in a tree of ${size}`);
  }
  const siblings: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    if (index < middle) {
      siblings.push({ start: middle, end });
      end = middle;
    } else {
      siblings.push({ start, end: middle });
      start = middle;
    }
  }
  return readRanges(siblings.reverse(), readHashes);
}

/**
 * The proof that the tree of `oldSize` leaves is the beginning of the tree of `newSize` (RFC 6962 §2.1.2). Empty when
 * the sizes are equal or the older tree is empty.
 *
 * @throws BundleError `log.range`
 */
export async function consistencyProof(
  oldSize: number,
  newSize: number,
  readHashes: ReadHashes,
): Promise<readonly Uint8Array[]> {
  checkSize(oldSize);
  checkSize(newSize);
  if (oldSize > newSize)
    throw new BundleError('log.range', `a tree of ${oldSize} is not older than one of ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const parts: Range[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + largestPowerBelow(end - start);
    if (oldSize <= middle) {
      parts.push({ start: middle, end });
      end = middle;
    } else {
      parts.push({ start, end: middle });
      start = middle;
    }
  }
  // The verifier knows the older root itself, so it is left out when it is a node of the newer tree.
  if (start !== 0) parts.push({ start, end });
  return readRanges(parts.reverse(), readHashes);
}

/** Whether a leaf's hash is in the tree with this root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leafHash, root, ...proof]))
    return false;
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashChildren(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = hashChildren(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * Whether the tree with the newer root begins with the tree with the older one (RFC 9162 §2.1.4.2). From size 0 only
 * the empty tree's root and an empty proof will do.
 */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (!areHashes([oldRoot, newRoot, ...proof])) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, emptyRoot());

  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  // When the older tree is a complete subtree, its root is the first hash of the path.
  const path = node === 0 ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = hashChildren(sibling, oldHash);
      newHash = hashChildren(sibling, newHash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = hashChildren(newHash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The hashes of ranges that are subtrees of RFC 6962, with one call of `readHashes` for all of them. */
async function readRanges(ranges: readonly Range[], readHashes: ReadHashes): Promise<readonly Uint8Array[]> {
  const nodesByRange = ranges.map(completeNodes);
  const hashes = await readHashes(nodesByRange.flat());
  let next = 0;
  return nodesByRange.map((nodes) => {
    const own = hashes.slice(next, next + nodes.length);
    next += nodes.length;
    const [last, ...before] = own.reverse();
    if (last?.length !== HASH_BYTES || own.length !== nodes.length) {
      throw new BundleError('log.tile_invalid', 'the log answered fewer hashes than it was asked for');
    }
    return before.reduce((right, left) => hashChildren(left, right), last);
  });
}

/** The complete subtrees that make up a range, largest first. */
function completeNodes({ start, end }: Range): readonly NodeAddress[] {
  const nodes: NodeAddress[] = [];
  for (let at = start; at < end;) {
    const level = Math.floor(Math.log2(end - at));
    const exact = 2 ** level <= end - at ? level : level - 1;
    nodes.push({ level: exact, index: at / 2 ** exact });
    at += 2 ** exact;
  }
  return nodes;
}

/** The largest power of two that is less than `n`, for `n` from 2. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function half(n: number): number {
  return Math.floor(n / 2);
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function checkSize(size: number): void {
  if (!isSize(size)) throw new BundleError('log.range', `${size} is not the size of a tree`);
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= MAX_PROOF_HASHES + 2 && hashes.every((hash) => hash.length === HASH_BYTES);
}
