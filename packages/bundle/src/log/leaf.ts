import { equalBytes } from '../encoding/equal-bytes.js';
import { canonicalJson } from '../encoding/canonical-json.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import { type LeafBase, MAX_LEAF_BYTES, readBase } from './leaf/base.js';
import {
  type ChannelRemoveLeaf,
  type ChannelSetLeaf,
  readChannelRemove,
  readChannelSet,
} from './leaf/channel.js';
import { type KeyEphemeralLeaf, readKeyEphemeral } from './leaf/ephemeral.js';
import { type KeyAddLeaf, type KeyRevokeLeaf, readKeyAdd, readKeyRevoke } from './leaf/key.js';
import {
  type NamespaceCreateLeaf,
  type NamespacePolicyLeaf,
  type NamespaceTransferLeaf,
  readNamespaceCreate,
  readNamespacePolicy,
  readNamespaceTransfer,
} from './leaf/namespace.js';
import { type PublishLeaf, readPublish } from './leaf/publish.js';
import { readReasonedState, readTakenBack, type StateLeaf } from './leaf/state.js';

/** One event of the log, discriminated by `type`. */
export type Leaf =
  | NamespaceCreateLeaf
  | NamespacePolicyLeaf
  | NamespaceTransferLeaf
  | KeyAddLeaf
  | KeyRevokeLeaf
  | KeyEphemeralLeaf
  | PublishLeaf
  | StateLeaf
  | ChannelSetLeaf
  | ChannelRemoveLeaf;

type LeafReaders = {
  readonly [T in Leaf['type']]: (base: LeafBase, members: MemberReader) => Extract<Leaf, { type: T }>;
};

/** One reader for every type of leaf: a new type is a file in `leaf/`, a member of {@link Leaf}, and a line here. */
const READERS: LeafReaders = {
  'ns.create': readNamespaceCreate,
  'ns.policy': readNamespacePolicy,
  'ns.transfer': readNamespaceTransfer,
  'key.add': readKeyAdd,
  'key.revoke': readKeyRevoke,
  'key.ephemeral': readKeyEphemeral,
  publish: readPublish,
  deprecate: readReasonedState('deprecate'),
  undeprecate: readTakenBack('undeprecate'),
  yank: readReasonedState('yank'),
  unyank: readTakenBack('unyank'),
  quarantine: readReasonedState('quarantine'),
  unquarantine: readTakenBack('unquarantine'),
  'channel.set': readChannelSet,
  'channel.remove': readChannelRemove,
};

/** The leaf's bytes, canonical JSON of at most 4 KiB. @throws BundleError `leaf.invalid` */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  // A spread turns the interface into a plain record, which is what canonical JSON takes.
  const bytes = canonicalJson({ ...leaf });
  // Parsing holds the leaf to the rules that its readers will hold it to.
  parseLeaf(bytes);
  return bytes;
}

/**
 * Parses a leaf's bytes: canonical, every member known, every value in its form.
 *
 * @throws BundleError `leaf.invalid`, or `leaf.type_unknown` for an event of a later version of the format
 */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const members = leafMembers(bytes);
  const base = readBase(members);
  const type = members.string('type');
  if (!isLeafType(type)) {
    throw new BundleError('leaf.type_unknown', 'the leaf is of a type that this version does not know', {
      hint: 'upgrade sheaf',
    });
  }
  const leaf = READERS[type](base, members);
  members.end();
  if (!equalBytes(canonicalJson({ ...leaf }), bytes)) {
    throw new BundleError('leaf.invalid', 'the leaf is not in canonical json');
  }
  return leaf;
}

/**
 * What a leaf of any type says, also of one that {@link parseLeaf} does not know: its place in its namespace's chain,
 * its time and its type.
 *
 * @throws BundleError `leaf.invalid`
 */
export function parseLeafBase(bytes: Uint8Array): LeafBase & { readonly type: string } {
  const members = leafMembers(bytes);
  return { ...readBase(members), type: members.string('type', LEAF_TYPE, 64) };
}

const LEAF_TYPE = /^[a-z][a-z0-9.]*$/;

function leafMembers(bytes: Uint8Array): MemberReader {
  const document = parseStrictJson(bytes, MAX_LEAF_BYTES, 'leaf.invalid', 'the leaf');
  return readMembers(document, 'leaf.invalid', 'the leaf');
}

function isLeafType(type: string): type is Leaf['type'] {
  return Object.hasOwn(READERS, type);
}
