import {
  encodeLeaf,
  formatCheckpoint,
  hashChildren,
  hashLeaf,
  inclusionProof,
  logVerifierOf,
  signingKeyFromSeed,
  signNote,
  type Leaf,
  type LoggedLeaf,
  type ReadHashes,
  type SigningKey,
} from '@sheaf/bundle';
import type { FetchTile } from '../consistency.js';
import { ClientError } from '../errors.js';

/** A key that is the same in every run. */
export function testKey(seed: number): SigningKey {
  return signingKeyFromSeed(new Uint8Array(32).fill(seed));
}

/** A transparency log in memory, whose tree is computed from all leaves each time: slow, and hard to get wrong. */
export interface TestLog {
  readonly origin: string;
  /** C2SP verifier key. */
  readonly logKey: string;
  readonly size: () => number;
  /** The raw bytes of a leaf. */
  readonly leaf: (index: number) => Uint8Array;
  /** Appends a leaf and answers its index. */
  readonly append: (leaf: Leaf | Uint8Array) => number;
  /** The signed note of the log's first `size` leaves. */
  readonly checkpoint: (size?: number) => string;
  readonly logged: (index: number, size?: number) => Promise<LoggedLeaf>;
  readonly fetchTile: FetchTile;
  /** Another log of the same key, with the same first `size` leaves. */
  readonly fork: (size: number) => TestLog;
}

export function createTestLog(options: { readonly origin: string; readonly key?: SigningKey }): TestLog {
  return makeLog(options.origin, options.key ?? testKey(1), []);
}

function makeLog(origin: string, key: SigningKey, leaves: Uint8Array[]): TestLog {
  const read: ReadHashes = (nodes) =>
    Promise.resolve(nodes.map(({ level, index }) => node(leaves, level, index)));
  return {
    origin,
    logKey: logVerifierOf(origin, key.publicKey.raw).text,
    size: () => leaves.length,
    leaf: (index) => leaves[index] ?? new Uint8Array(),
    append(leaf) {
      leaves.push(leaf instanceof Uint8Array ? leaf : encodeLeaf(leaf));
      return leaves.length - 1;
    },
    checkpoint(size = leaves.length) {
      return signNote(formatCheckpoint({ origin, size, root: rootOf(leaves.slice(0, size)) }), origin, key);
    },
    async logged(index, size = leaves.length) {
      return {
        index,
        leaf: leaves[index] ?? new Uint8Array(),
        proof: await inclusionProof(index, size, read),
      };
    },
    fetchTile(level, index, width) {
      const at = Array.from({ length: width }, (_, i) => index * 256 + i);
      if ((index * 256 + width) << (8 * level) > leaves.length) {
        return Promise.reject(new ClientError('tile.not_found', `no tile ${level}/${index}.p/${width}`));
      }
      return Promise.resolve(Buffer.concat(at.map((i) => node(leaves, 8 * level, i))));
    },
    fork: (size) => makeLog(origin, key, leaves.slice(0, size)),
  };
}

function node(leaves: readonly Uint8Array[], level: number, index: number): Uint8Array {
  if (level === 0) return hashLeaf(leaves[index] ?? new Uint8Array());
  return hashChildren(node(leaves, level - 1, 2 * index), node(leaves, level - 1, 2 * index + 1));
}

/** RFC 9162 §2.1.1, word for word. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined)
    return Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex');
  if (leaves.length === 1) return hashLeaf(only);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashChildren(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}
