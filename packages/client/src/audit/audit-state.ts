import {
  BundleError,
  hashLeaf,
  type Leaf,
  type LeafBase,
  parseLeaf,
  parseLeafBase,
  type TileEdge,
} from '@sheaf/bundle';
import { ClientError } from '../errors.js';
import { PUBLIC_REALM } from '../pin.js';
import type { AuditEvent } from './audit-event.js';
import { admitLeaf, admitLink, createNamespaceAudit, type NamespaceAudit } from './namespace-audit.js';

/** How far a log was audited, and all that going on needs. */
export interface AuditState {
  /** Entries audited. */
  size: number;
  /** The partial tiles of a tree of that size: its root follows from them. */
  edge: TileEdge;
  /** The newest signed note that was verified; the entries are a beginning of its tree. Null before the first. */
  note: string | null;
  /** Time of the newest entry, seconds since the epoch. */
  time: number;
  readonly namespaces: Map<string, NamespaceAudit>;
}

/** Nothing is audited yet. */
export function createAuditState(): AuditState {
  return { size: 0, edge: new Map(), note: null, time: 0, namespaces: new Map() };
}

/**
 * Goes one entry further. The caller has proven that the log holds it.
 *
 * @throws ClientError `audit.leaf`, `audit.time`, `audit.chain`, `audit.authority`, `audit.duplicate`, or
 *   `audit.transition`; the state is then of no use any more
 */
export function admitEntry(
  state: AuditState,
  index: number,
  entry: { readonly bytes: Uint8Array; readonly hash: Uint8Array },
  realm: string,
): AuditEvent {
  const { base, leaf } = readEntry(index, entry.bytes);
  if (realm !== PUBLIC_REALM && base.ns !== realm) {
    throw new ClientError(
      'audit.leaf',
      `the leaf at log index ${index} is of ${base.ns}, in the log of ${realm}`,
    );
  }
  if (base.t < state.time) {
    throw new ClientError(
      'audit.time',
      `the leaf at log index ${index} is ${state.time - base.t} s older than the one before it`,
    );
  }
  const audit = state.namespaces.get(base.ns) ?? createNamespaceAudit();
  admitLink(audit, index, base, Buffer.from(entry.hash).toString('hex'));
  if (leaf !== undefined) admitLeaf(audit, index, leaf);
  state.namespaces.set(base.ns, audit);
  state.time = base.t;
  return { index, namespace: base.ns, time: base.t, type: base.type, leaf };
}

function readEntry(
  index: number,
  bytes: Uint8Array,
): { readonly base: LeafBase & { readonly type: string }; readonly leaf: Leaf | undefined } {
  try {
    try {
      const leaf = parseLeaf(bytes);
      return { base: leaf, leaf };
    } catch (error) {
      if (!(error instanceof BundleError) || error.code !== 'leaf.type_unknown') throw error;
      return { base: parseLeafBase(bytes), leaf: undefined };
    }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new ClientError('audit.leaf', `the leaf at log index ${index} is malformed: ${error.message}`, {
      cause: error,
    });
  }
}

/** An entry and its leaf hash. */
export function entryOf(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  return { bytes, hash: hashLeaf(bytes) };
}
