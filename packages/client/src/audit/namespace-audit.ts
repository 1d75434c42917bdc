import {
  admitEphemeralLeaf,
  admitKeyLeaf,
  BundleError,
  checkPublishAuthority,
  createAuthority,
  isKeyLeaf,
  isStateLeaf,
  stateAfter,
  type Authority,
  type ChannelSetLeaf,
  type Leaf,
  type LeafBase,
  type PublishLeaf,
  type ReleaseState,
  type StateLeaf,
} from '@sheaf/bundle';
import { ClientError } from '../errors.js';

/** What must be remembered of a namespace to judge its next leaf. `admitLeaf` changes it. */
export interface NamespaceAudit {
  /** Of the newest leaf. */
  seq: number;
  /** Hexadecimal leaf hash of the newest leaf. */
  head: string;
  readonly authority: Authority;
  /** State of every release, by `name@version`. */
  readonly releases: Map<string, ReleaseState>;
}

/** A namespace before its first leaf. */
export function createNamespaceAudit(): NamespaceAudit {
  return { seq: -1, head: '', authority: createAuthority(), releases: new Map() };
}

/**
 * Holds a leaf's place in the chain of its namespace against the leaf before it. Nothing may come before `ns.create`,
 * and a namespace is created once.
 *
 * @throws ClientError `audit.chain`
 */
export function admitLink(
  audit: NamespaceAudit,
  index: number,
  leaf: LeafBase & { readonly type: string },
  hash: string,
): void {
  if (leaf.seq !== audit.seq + 1 || leaf.prev !== audit.head) {
    throw new ClientError(
      'audit.chain',
      `the leaf at log index ${index} is number ${leaf.seq} of ${leaf.ns}, and does not follow number ${audit.seq}`,
    );
  }
  if ((leaf.type === 'ns.create') !== (leaf.seq === 0)) {
    throw new ClientError(
      'audit.chain',
      `the leaf at log index ${index} is a ${leaf.type}, and number ${leaf.seq} of ${leaf.ns}`,
    );
  }
  audit.seq = leaf.seq;
  audit.head = hash;
}

/**
 * Holds what a leaf does against what the namespace's keys and releases allow.
 *
 * @throws ClientError `audit.authority`, `audit.duplicate`, or `audit.transition`
 */
export function admitLeaf(audit: NamespaceAudit, index: number, leaf: Leaf): void {
  if (isKeyLeaf(leaf)) {
    asAuthority(() => {
      admitKeyLeaf(audit.authority, index, leaf);
    });
  } else if (leaf.type === 'publish') {
    admitPublish(audit, index, leaf);
  } else if (isStateLeaf(leaf)) {
    admitState(audit, index, leaf);
  } else if (leaf.type === 'key.ephemeral') {
    asAuthority(() => {
      admitEphemeralLeaf(audit.authority, index, leaf);
    });
  } else if (leaf.type === 'channel.set') {
    admitChannel(audit, index, leaf);
  }
}

function admitChannel({ releases }: NamespaceAudit, index: number, leaf: ChannelSetLeaf): void {
  const release = `${leaf.name}@${leaf.version}`;
  if (releases.has(release)) return;
  throw new ClientError(
    'audit.transition',
    `the leaf at log index ${index} points ${leaf.channel} at ${leaf.ns}/${release}, which is not published`,
  );
}

function admitPublish(audit: NamespaceAudit, index: number, leaf: PublishLeaf): void {
  const release = `${leaf.name}@${leaf.version}`;
  if (audit.releases.has(release)) {
    throw new ClientError(
      'audit.duplicate',
      `the leaf at log index ${index} publishes ${leaf.ns}/${release} a second time`,
    );
  }
  asAuthority(() => {
    checkPublishAuthority(audit.authority, index, leaf);
  });
  audit.releases.set(release, 'active');
}

/** From which states each leaf may come; a quarantine, only a quarantine's end takes back. */
const ALLOWED_FROM: Readonly<Record<StateLeaf['type'], readonly ReleaseState[]>> = {
  deprecate: ['active', 'deprecated', 'yanked'],
  undeprecate: ['deprecated'],
  yank: ['active', 'deprecated', 'yanked'],
  unyank: ['yanked'],
  quarantine: ['active', 'deprecated', 'yanked', 'quarantined'],
  unquarantine: ['quarantined'],
};

function admitState(audit: NamespaceAudit, index: number, leaf: StateLeaf): void {
  const release = `${leaf.name}@${leaf.version}`;
  const state = audit.releases.get(release);
  if (state === undefined || !ALLOWED_FROM[leaf.type].includes(state)) {
    throw new ClientError(
      'audit.transition',
      `the leaf at log index ${index} is a ${leaf.type} of ${leaf.ns}/${release}, which is ${state ?? 'not published'}`,
    );
  }
  audit.releases.set(release, stateAfter(leaf.type));
}

/**
 * Goes on after a leaf that `admitLeaf` has refused: as a reader of the log would, who takes the newest leaf of a
 * release for its state. A key event that was not allowed has no effect.
 */
export function goOnAfter({ releases }: NamespaceAudit, leaf: Leaf): void {
  if (leaf.type !== 'publish' && !isStateLeaf(leaf)) return;
  const release = `${leaf.name}@${leaf.version}`;
  if (isStateLeaf(leaf)) {
    if (releases.has(release)) releases.set(release, stateAfter(leaf.type));
  } else if (!releases.has(release)) releases.set(release, 'active');
}

function asAuthority(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new ClientError('audit.authority', error.message, { cause: error });
  }
}
