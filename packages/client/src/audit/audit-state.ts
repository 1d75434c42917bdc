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
import { noViolations, type AuditViolations } from './audit-violation.js';
import {
  admitLeaf,
  admitLink,
  createNamespaceAudit,
  goOnAfter,
  type NamespaceAudit,
} from './namespace-audit.js';

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
  readonly violations: AuditViolations;
}

/** Nothing is audited yet. */
export function createAuditState(): AuditState {
  return { size: 0, edge: new Map(), note: null, time: 0, namespaces: new Map(), violations: noViolations() };
}

/** An entry that was judged. */
export interface Judged {
  /** Undefined for an entry that was refused. */
  readonly event: AuditEvent | undefined;
  /** What is wrong with it: `audit.leaf`, `audit.time`, `audit.authority`, `audit.duplicate`, or `audit.transition`. */
  readonly problems: readonly ClientError[];
}

/**
 * Goes one entry further, also over one that must be refused, so that it does not hide those after it. The caller has
 * proven that the log holds it.
 *
 * @param refused what the caller has found wrong with it already: then it has no effect
 * @throws ClientError `audit.chain`: nothing can be said of what follows; the state is then of no use any more
 */
export function admitEntry(
  state: AuditState,
  index: number,
  entry: { readonly bytes: Uint8Array; readonly hash: Uint8Array },
  realm: string,
  refused?: ClientError,
): Judged {
  const { base, leaf, problems } = readEntry(index, entry.bytes);
  if (base === undefined) return { event: undefined, problems };
  if (realm !== PUBLIC_REALM && base.ns !== realm) {
    problems.push(
      new ClientError(
        'audit.leaf',
        `the leaf at log index ${index} is of ${base.ns}, in the log of ${realm}`,
      ),
    );
  }
  if (base.t < state.time) {
    problems.push(
      new ClientError(
        'audit.time',
        `the leaf at log index ${index} is ${state.time - base.t} s older than the one before it`,
      ),
    );
  }
  const audit = state.namespaces.get(base.ns) ?? createNamespaceAudit();
  admitLink(audit, index, base, Buffer.from(entry.hash).toString('hex'));
  if (leaf !== undefined) {
    const problem =
      refused ??
      findProblem(() => {
        admitLeaf(audit, index, leaf);
      });
    if (problem !== undefined) {
      problems.push(problem);
      goOnAfter(audit, leaf);
    }
  }
  state.namespaces.set(base.ns, audit);
  state.time = Math.max(state.time, base.t);
  const event = { index, namespace: base.ns, time: base.t, type: base.type, leaf };
  return { event: problems.length === 0 ? event : undefined, problems };
}

function findProblem(check: () => void): ClientError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}

interface ReadEntry {
  /** Undefined when not even its place in a namespace can be read. */
  readonly base: (LeafBase & { readonly type: string }) | undefined;
  readonly leaf: Leaf | undefined;
  readonly problems: ClientError[];
}

function readEntry(index: number, bytes: Uint8Array): ReadEntry {
  try {
    const leaf = parseLeaf(bytes);
    return { base: leaf, leaf, problems: [] };
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    const message = `the leaf at log index ${index} is malformed: ${cause.message}`;
    const isKnown = cause.code !== 'leaf.type_unknown';
    const problems = isKnown ? [new ClientError('audit.leaf', message, { cause })] : [];
    const base = findBase(bytes);
    if (base === undefined && !isKnown) problems.push(new ClientError('audit.leaf', message, { cause }));
    return { base, leaf: undefined, problems };
  }
}

function findBase(bytes: Uint8Array): ReadEntry['base'] {
  try {
    return parseLeafBase(bytes);
  } catch (error) {
    if (error instanceof BundleError) return undefined;
    throw error;
  }
}

/** An entry and its leaf hash. */
export function entryOf(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  return { bytes, hash: hashLeaf(bytes) };
}
