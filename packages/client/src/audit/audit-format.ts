import { createHash } from 'node:crypto';
import type { Authority, EphemeralStanding, KeyId, KeyStanding, ReleaseState } from '@sheaf/bundle';
import type { WorkflowName } from '@sheaf/workflow';
import type { AuditState } from './audit-state.js';
import { noViolations, type AuditViolations } from './audit-violation.js';
import type { NamespaceAudit } from './namespace-audit.js';

/*
 * A state is lines of JSON: what is known of the log, a line for each namespace, and the SHA-256 of all before it. The
 * digest is there for disks that fail, so what it covers is as it was written and needs no further check.
 */

const VERSION = 2;

interface Header {
  readonly v: number;
  readonly size: number;
  readonly edge: readonly (readonly [string, string])[];
  readonly note: string | null;
  readonly time: number;
  /** Absent when there are none. */
  readonly violations?: AuditViolations;
}

interface NamespaceLine {
  readonly ns: string;
  readonly seq: number;
  readonly head: string;
  readonly keys: readonly KeyEntry[];
  /** Absent when there are none. */
  readonly ephemeral?: readonly EphemeralEntry[];
  readonly threshold: number;
  readonly policy?: number;
  /** Releases by state, with spaces between them. */
  readonly releases: readonly (readonly [ReleaseState, string])[];
}

/** Key, and index where it was added; of a revoked one also where, from which index on, and how often. */
type KeyEntry =
  readonly [KeyId, number] | readonly [KeyId, addedAt: number, at: number, reach: number, count: number];

/** Key, index where it was logged, when, until when, and the one workflow that it may publish. */
type EphemeralEntry = readonly [KeyId, addedAt: number, t: number, exp: number, name?: WorkflowName];

/** The bytes of a state, to be kept. */
export function encodeAuditState(state: AuditState): Uint8Array {
  const header: Header = {
    v: VERSION,
    size: state.size,
    edge: [...state.edge].map(([key, hashes]) => [key, Buffer.from(hashes).toString('base64')]),
    note: state.note,
    time: state.time,
    ...(state.violations.count > 0 && { violations: state.violations }),
  };
  const lines = [header, ...[...state.namespaces].map(([ns, audit]) => namespaceLine(ns, audit))];
  const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return Buffer.concat([body, Buffer.from(`${digestOf(body)}\n`)]);
}

/** The state of such bytes; undefined when they are damaged, or of another version. */
export function decodeAuditState(bytes: Uint8Array): AuditState | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const body = whole.subarray(0, Math.max(0, whole.length - 65));
  if (whole.subarray(body.length).toString('latin1') !== `${digestOf(body)}\n`) return undefined;
  const [first = '{}', ...rest] = body.toString('utf8').trimEnd().split('\n');
  const header = JSON.parse(first) as Header;
  if (header.v !== VERSION) return undefined;
  return {
    size: header.size,
    edge: new Map(header.edge.map(([key, hashes]) => [key, Uint8Array.from(Buffer.from(hashes, 'base64'))])),
    note: header.note,
    time: header.time,
    violations: header.violations ?? noViolations(),
    namespaces: new Map(
      rest.map((line) => {
        const namespace = JSON.parse(line) as NamespaceLine;
        return [namespace.ns, namespaceOf(namespace)];
      }),
    ),
  };
}

/** The note of a state, from the beginning of its bytes; undefined when they are damaged. */
export function decodeAuditNote(head: Uint8Array): string | null | undefined {
  const end = head.indexOf(0x0a);
  try {
    return (JSON.parse(Buffer.from(head.subarray(0, Math.max(0, end))).toString('utf8')) as Header).note;
  } catch {
    // The whole file has a digest that says what is wrong; this is only a look at it.
    return undefined;
  }
}

function namespaceLine(ns: string, { seq, head, authority, releases }: NamespaceAudit): NamespaceLine {
  const byState = new Map<ReleaseState, string[]>();
  for (const [release, state] of releases) {
    const alike = byState.get(state) ?? [];
    alike.push(release);
    byState.set(state, alike);
  }
  return {
    ns,
    seq,
    head,
    keys: [...authority.keys].map(([keyid, { addedAt, revoked }]) =>
      revoked === undefined ? [keyid, addedAt] : [keyid, addedAt, revoked.at, revoked.reach, revoked.count],
    ),
    ...(authority.ephemeral.size === 0
      ? {}
      : { ephemeral: [...authority.ephemeral.values()].map(ephemeralEntry) }),
    threshold: authority.threshold,
    ...(authority.policyIndex === undefined ? {} : { policy: authority.policyIndex }),
    releases: [...byState].map(([state, alike]) => [state, alike.join(' ')]),
  };
}

function namespaceOf(line: NamespaceLine): NamespaceAudit {
  const authority: Authority = {
    keys: new Map(line.keys.map((entry) => [entry[0], keyOf(entry)])),
    ephemeral: new Map((line.ephemeral ?? []).map((entry) => [entry[0], ephemeralOf(entry)])),
    active: line.keys.filter(({ length }) => length === 2).length,
    threshold: line.threshold,
    policyIndex: line.policy,
  };
  const releases = new Map<string, ReleaseState>();
  for (const [state, alike] of line.releases)
    for (const release of alike.split(' ')) releases.set(release, state);
  return { seq: line.seq, head: line.head, authority, releases };
}

function keyOf([, addedAt, ...revoked]: KeyEntry): KeyStanding {
  const [at, reach, count] = revoked;
  if (at === undefined || reach === undefined || count === undefined) return { addedAt };
  return { addedAt, revoked: { at, reach, count } };
}

function ephemeralEntry({ keyid, addedAt, t, exp, name }: EphemeralStanding): EphemeralEntry {
  return name === undefined ? [keyid, addedAt, t, exp] : [keyid, addedAt, t, exp, name];
}

function ephemeralOf([keyid, addedAt, t, exp, name]: EphemeralEntry): EphemeralStanding {
  return { keyid, addedAt, t, exp, ...(name === undefined ? {} : { name }) };
}

function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}
