import { encodeBase64 } from '../encoding/base64.js';
import type { MemberReader } from '../encoding/members.js';
import { MAX_LEAF_BYTES } from '../log/leaf/base.js';
import { HASH_BYTES, MAX_PROOF_HASHES } from '../log/merkle.js';

/** A leaf, where it stands in the log, and its inclusion proof. */
export interface LoggedLeaf {
  readonly index: number;
  /** The raw bytes: these, and not a parsed leaf, are what the log covers. */
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The leaf as a value for canonical JSON. */
export function loggedLeafValue({ index, leaf, proof }: LoggedLeaf) {
  return { index, leaf: encodeBase64(leaf), proof: proof.map(encodeBase64) };
}

/** Reads what {@link loggedLeafValue} gives. */
export function readLoggedLeaf(members: MemberReader): LoggedLeaf {
  const logged = {
    index: members.count('index'),
    leaf: members.base64('leaf'),
    proof: members.base64List('proof', MAX_PROOF_HASHES),
  };
  members.end();
  if (logged.leaf.length > MAX_LEAF_BYTES) members.fail('leaf', 'is longer than a leaf may be');
  if (logged.proof.some((hash) => hash.length !== HASH_BYTES))
    members.fail('proof', 'holds something other than hashes');
  return logged;
}
