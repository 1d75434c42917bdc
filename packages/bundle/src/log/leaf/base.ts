import type { Namespace } from '@sheaf/workflow';
import type { MemberReader } from '../../encoding/members.js';
import type { KeyId } from '../../keys/types.js';
import { namespaceMember, SHA256_HEX } from '../../statement/identity.js';

/** What every leaf says. */
export interface LeafBase {
  readonly v: 1;
  /** Position in the namespace's own chain, from 0. */
  readonly seq: number;
  /** Hexadecimal leaf hash of the namespace's previous leaf; empty for its first. */
  readonly prev: string;
  readonly ns: Namespace;
  /** Seconds since the epoch, by the registry's clock; nothing is ordered by it. */
  readonly t: number;
}

/** Longest leaf in bytes. */
export const MAX_LEAF_BYTES = 4096;
/** Most keys that may have signed one event: as many as an envelope holds signatures. */
export const MAX_LEAF_KEYS = 16;

const PREVIOUS = /^(?:[0-9a-f]{64})?$/;

export function readBase(members: MemberReader): LeafBase {
  if (members.count('v') !== 1) members.fail('v', 'is not 1');
  const base = {
    v: 1,
    seq: members.count('seq'),
    prev: members.string('prev', PREVIOUS),
    ns: namespaceMember(members, 'ns'),
    t: members.count('t'),
  } as const;
  if ((base.seq === 0) !== (base.prev === ''))
    members.fail('prev', 'must be empty for the first leaf and only for it');
  return base;
}

/** One key or more, each once. */
export function readKeyIds(members: MemberReader, name: string): readonly KeyId[] {
  const ids = members.strings(name, MAX_LEAF_KEYS, SHA256_HEX);
  if (ids.length === 0 || new Set(ids).size !== ids.length)
    members.fail(name, 'is empty or names a key twice');
  return ids as readonly KeyId[];
}
