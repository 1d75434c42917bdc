import type { Version, WorkflowName } from '@sheaf/workflow';
import type { MemberReader } from '../../encoding/members.js';
import type { KeyId } from '../../keys/types.js';
import { nameMember, SHA256_HEX, versionMember } from '../../statement/identity.js';
import { type LeafBase, MAX_LEAF_KEYS, readKeyIds } from './base.js';

/** A version was published. */
export interface PublishLeaf extends LeafBase {
  readonly type: 'publish';
  readonly name: WorkflowName;
  readonly version: Version;
  readonly tar: { readonly sha256: string; readonly size: number };
  readonly blob: { readonly sha256: string; readonly size: number; readonly enc: 'gzip' };
  /** Hexadecimal SHA-256 of the statement's canonical envelope. */
  readonly envelope: string;
  readonly keyids: readonly KeyId[];
  /** For each of `keyids`, the log index of the leaf that authorises it: its `key.add`, or of one at most a `key.ephemeral`. */
  readonly auth: readonly number[];
}

export function readPublish(base: LeafBase, members: MemberReader): PublishLeaf {
  const tar = members.object('tar');
  const blob = members.object('blob');
  const leaf: PublishLeaf = {
    ...base,
    type: 'publish',
    name: nameMember(members, 'name'),
    version: versionMember(members, 'version'),
    tar: { sha256: tar.string('sha256', SHA256_HEX), size: tar.count('size') },
    blob: { sha256: blob.string('sha256', SHA256_HEX), size: blob.count('size'), enc: 'gzip' },
    envelope: members.string('envelope', SHA256_HEX),
    keyids: readKeyIds(members, 'keyids'),
    auth: members.counts('auth', MAX_LEAF_KEYS),
  };
  if (blob.string('enc') !== 'gzip') blob.fail('enc', 'is not gzip');
  tar.end();
  blob.end();
  if (leaf.auth.length !== leaf.keyids.length) members.fail('auth', 'does not name one index for each key');
  return leaf;
}
