import type { Namespace, Version, WorkflowName } from '@sheaf/workflow';
import { canonicalJson } from '../encoding/canonical-json.js';
import { equalBytes } from '../encoding/bytes.js';
import { type MemberReader, readMembers } from '../encoding/members.js';
import { parseStrictJson } from '../encoding/strict-json.js';
import { BundleError } from '../error.js';
import { publicKeyFromSpki } from '../keys/public-key.js';
import type { KeyId } from '../keys/types.js';
import { nameMember, namespaceMember, SHA256_HEX, versionMember } from '../statement/identity.js';

interface LeafBase {
  readonly v: 1;
  /** Position in the namespace's own chain, from 0. */
  readonly seq: number;
  /** Hexadecimal leaf hash of the namespace's previous leaf; empty for its first. */
  readonly prev: string;
  readonly ns: Namespace;
  /** Seconds since the epoch, by the registry's clock; nothing is ordered by it. */
  readonly t: number;
}

/** A namespace came into being. */
export interface NamespaceCreateLeaf extends LeafBase {
  readonly type: 'ns.create';
}

/** A key may sign for the namespace from here on. */
export interface KeyAddLeaf extends LeafBase {
  readonly type: 'key.add';
  readonly keyid: KeyId;
  /** Base64 of the SubjectPublicKeyInfo. */
  readonly key: string;
  /** The keys that signed the event. */
  readonly by: readonly KeyId[];
  /** Hexadecimal SHA-256 of the event's canonical envelope. */
  readonly event: string;
  /** Registered by fresh authentication instead of an earlier key: a break of trust on first use. */
  readonly recovery?: true;
}

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
  /** For each of `keyids`, the log index of the leaf that authorises it. */
  readonly auth: readonly number[];
}

/** A version is, or is again not, advised against. */
export interface ReleaseStateLeaf<T extends string> extends LeafBase {
  readonly type: T;
  readonly name: WorkflowName;
  readonly version: Version;
}

export interface DeprecateLeaf extends ReleaseStateLeaf<'deprecate'> {
  readonly reason: string;
  readonly replacement?: string;
}
export type UndeprecateLeaf = ReleaseStateLeaf<'undeprecate'>;
export interface YankLeaf extends ReleaseStateLeaf<'yank'> {
  readonly reason: string;
  readonly replacement?: string;
}
export type UnyankLeaf = ReleaseStateLeaf<'unyank'>;

/** One event of the log, discriminated by `type`. */
export type Leaf =
  NamespaceCreateLeaf | KeyAddLeaf | PublishLeaf | DeprecateLeaf | UndeprecateLeaf | YankLeaf | UnyankLeaf;

/** Longest leaf in bytes. */
export const MAX_LEAF_BYTES = 4096;
/** Most keys that may have signed one event. */
export const MAX_LEAF_KEYS = 16;

const PREVIOUS = /^(?:[0-9a-f]{64})?$/;
// What people read: no control, format (which covers direction and zero width), separator or surrogate character.
const TEXT = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
const REPLACEMENT = /^[\x21-\x7e]+$/;

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
  const members = readMembers(
    parseStrictJson(bytes, MAX_LEAF_BYTES, 'leaf.invalid', 'the leaf'),
    'leaf.invalid',
    'the leaf',
  );
  const leaf = readLeaf(members);
  members.end();
  if (!equalBytes(canonicalJson({ ...leaf }), bytes)) {
    throw new BundleError('leaf.invalid', 'the leaf is not in canonical json');
  }
  return leaf;
}

function readLeaf(members: MemberReader): Leaf {
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
  const type = members.string('type');
  switch (type) {
    case 'ns.create':
      return { ...base, type };
    case 'key.add':
      return { ...base, type, ...readKeyAdd(members) };
    case 'publish':
      return { ...base, type, ...readPublish(members) };
    case 'deprecate':
    case 'yank':
      return { ...base, type, ...readVersion(members), ...readReason(members) };
    case 'undeprecate':
    case 'unyank':
      return { ...base, type, ...readVersion(members) };
    default:
      throw new BundleError('leaf.type_unknown', 'the leaf is of a type that this version does not know', {
        hint: 'upgrade sheaf',
      });
  }
}

function readKeyAdd(members: MemberReader) {
  const keyid = members.string('keyid', SHA256_HEX);
  const key = members.string('key');
  if (publicKeyFromSpki(key).id !== keyid) members.fail('keyid', 'is not the id of the key');
  return {
    keyid: keyid as KeyId,
    key,
    by: readKeyIds(members, 'by'),
    event: members.string('event', SHA256_HEX),
    ...(members.flag('recovery') ? { recovery: true as const } : {}),
  };
}

function readPublish(members: MemberReader) {
  const tar = members.object('tar');
  const blob = members.object('blob');
  const read = {
    ...readVersion(members),
    tar: { sha256: tar.string('sha256', SHA256_HEX), size: tar.count('size') },
    blob: { sha256: blob.string('sha256', SHA256_HEX), size: blob.count('size'), enc: 'gzip' as const },
    envelope: members.string('envelope', SHA256_HEX),
    keyids: readKeyIds(members, 'keyids'),
    auth: members.counts('auth', MAX_LEAF_KEYS),
  };
  if (blob.string('enc') !== 'gzip') blob.fail('enc', 'is not gzip');
  tar.end();
  blob.end();
  if (read.auth.length !== read.keyids.length) members.fail('auth', 'does not name one index for each key');
  return read;
}

/** One key or more, each once. */
function readKeyIds(members: MemberReader, name: string): readonly KeyId[] {
  const ids = members.strings(name, MAX_LEAF_KEYS, SHA256_HEX);
  if (ids.length === 0 || new Set(ids).size !== ids.length)
    members.fail(name, 'is empty or names a key twice');
  return ids as readonly KeyId[];
}

function readVersion(members: MemberReader) {
  return { name: nameMember(members, 'name'), version: versionMember(members, 'version') };
}

function readReason(members: MemberReader) {
  const reason = members.string('reason', TEXT, 500);
  const replacement = members.optionalString('replacement', REPLACEMENT, 256);
  return { reason, ...(replacement === undefined ? {} : { replacement }) };
}
