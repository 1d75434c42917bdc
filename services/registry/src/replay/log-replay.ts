import {
  admitEphemeralLeaf,
  admitKeyLeaf,
  BundleError,
  checkPublishAuthority,
  createAuthority,
  hashLeaf,
  isKeyLeaf,
  parseLeaf,
  parseLeafBase,
  type Authority,
  type Leaf,
} from '@sheaf/bundle';

/** What the newest leaf of a namespace was. */
export interface NamespaceHead {
  readonly seq: number;
  /** Hexadecimal leaf hash. */
  readonly hash: string;
}

/** A leaf that was read, and what is wrong with it at its place; nothing when it may be there. */
export interface ReplayedLeaf {
  readonly index: number;
  /** Undefined when it cannot be read. */
  readonly leaf: Leaf | undefined;
  readonly problems: readonly string[];
}

/**
 * Reads a log from its first leaf to its last as every reader does: the chain of each namespace, times that never run
 * backwards, and who may sign. It holds the keys and the newest leaf of each namespace, and nothing for each leaf.
 */
export interface LogReplay {
  admit(bytes: Uint8Array): ReplayedLeaf;
  /** By namespace. */
  readonly heads: ReadonlyMap<string, NamespaceHead>;
  readonly lastTime: number;
  /** Who may sign for a namespace as of the newest leaf. */
  authorityOf(namespace: string): Authority | undefined;
}

interface Namespace {
  head: NamespaceHead;
  readonly authority: Authority;
}

export function createLogReplay(): LogReplay {
  const namespaces = new Map<string, Namespace>();
  const heads = new Map<string, NamespaceHead>();
  let index = -1;
  let lastTime = 0;

  const admitLink = (bytes: Uint8Array, problems: string[]): Namespace => {
    const base = parseLeafBase(bytes);
    const known = namespaces.get(base.ns);
    const follows = base.seq === (known?.head.seq ?? -1) + 1 && base.prev === (known?.head.hash ?? '');
    if (!follows)
      problems.push(
        `it is number ${base.seq} of ${base.ns} and does not follow ${known?.head.seq ?? 'nothing'}`,
      );
    if (base.t < lastTime) problems.push('its time is before that of the leaf before it');
    lastTime = Math.max(lastTime, base.t);
    const head = { seq: base.seq, hash: Buffer.from(hashLeaf(bytes)).toString('hex') };
    heads.set(base.ns, head);
    if (known) {
      known.head = head;
      return known;
    }
    const namespace = { head, authority: createAuthority() };
    namespaces.set(base.ns, namespace);
    return namespace;
  };

  return {
    heads,
    get lastTime() {
      return lastTime;
    },
    authorityOf: (namespace) => namespaces.get(namespace)?.authority,
    admit: (bytes) => {
      index += 1;
      const problems: string[] = [];
      let leaf: Leaf | undefined;
      try {
        const { authority } = admitLink(bytes, problems);
        leaf = parseLeaf(bytes);
        if ((leaf.type === 'ns.create') !== (leaf.seq === 0))
          problems.push(`a ${leaf.type} leaf is number ${leaf.seq}`);
        if (isKeyLeaf(leaf)) admitKeyLeaf(authority, index, leaf);
        else if (leaf.type === 'key.ephemeral') admitEphemeralLeaf(authority, index, leaf);
        else if (leaf.type === 'publish') checkPublishAuthority(authority, index, leaf);
      } catch (error) {
        if (!(error instanceof BundleError)) throw error;
        problems.push(error.message);
      }
      return { index, leaf, problems };
    },
  };
}
