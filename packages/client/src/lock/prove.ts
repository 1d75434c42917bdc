import {
  BundleError,
  checkAuthority,
  checkChain,
  checkEnvelope,
  checkInclusion,
  checkPublishLeaf,
  checkStatement,
} from '@sheaf/bundle';
import { splitWorkflowId } from '@sheaf/workflow';
import { assertSameIfSameSize, openSeen, type SeenCheckpoint } from '../consistency.js';
import { ClientError } from '../errors.js';
import { logOriginOf, logVerifierFor, PUBLIC_REALM } from '../pin.js';
import { realmOf } from '../verification-realm.js';
import type { LockedRegistry, LockedWorkflow, Lockfile } from './lockfile.js';
import { findDifference, readProvenFields } from './proven-fields.js';

const HINT =
  'nothing was run; look at the last changes of the file, restore it from version control, or remove it and run sheaf lock';

/**
 * Proves that a lockfile is whole: every readable field is what the receipt beside it proves, and every receipt,
 * standing and checkpoint holds under the log key that stands in the file. Needs no network and no bundle.
 *
 * This shows that nothing was changed by itself. It trusts nobody: whether that log key and those signers may be
 * believed is for `verifyLocked` to decide.
 *
 * @throws ClientError `lock.tampered`, which names the entry and the field
 */
export function proveLockfile(lock: Lockfile): void {
  const logs = new Map<string, OpenLog>();
  const keys = new Map<string, string>();
  for (const registry of lock.registries) {
    const { origin, realm, logKey } = registry;
    if ((keys.get(origin) ?? logKey) !== logKey) throw tampered(`${origin} has two values of log_key`);
    keys.set(origin, logKey);
    logs.set(logOriginOf(origin, realm), openLog(registry));
  }
  for (const entry of lock.workflows) proveEntry(entry, logs);
}

/** The realm of the log that an entry's receipt claims to be of. */
export function lockedRealm({ receipt, registry, id }: LockedWorkflow): string {
  return realmOf(receipt, { origin: registry }, splitWorkflowId(id).namespace) ?? PUBLIC_REALM;
}

interface OpenLog {
  readonly registry: LockedRegistry;
  readonly seen: SeenCheckpoint;
}

function openLog(registry: LockedRegistry): OpenLog {
  const { origin, realm, checkpoint } = registry;
  return { registry, seen: holding(`checkpoint of ${origin}`, () => openIn(registry, realm, checkpoint)) };
}

function openIn(registry: LockedRegistry, realm: string, note: string): SeenCheckpoint {
  const origin = logOriginOf(registry.origin, realm);
  return openSeen(note, { verifier: logVerifierFor(registry, realm), origin });
}

function proveEntry(entry: LockedWorkflow, logs: ReadonlyMap<string, OpenLog>): void {
  const name = `${entry.id} ${entry.version}`;
  const realm = lockedRealm(entry);
  const log = logs.get(logOriginOf(entry.registry, realm));
  if (log === undefined) throw tampered(`registry of ${name} is not among the registries of the file`);
  const proven = holding(`receipt or standing of ${name}`, () =>
    readProvenFields(entry.receipt, entry.standings),
  );
  const different = proven === undefined ? 'receipt' : findDifference(entry, proven);
  if (different !== undefined) throw tampered(`${different} of ${name} is not what its receipt proves`);
  holding(`receipt of ${name}`, () => {
    proveReceipt(entry, log, realm);
  });
  holding(`standing of ${name}`, () => {
    proveStandings(entry, log, realm);
  });
}

function proveReceipt(entry: LockedWorkflow, { registry, seen }: OpenLog, realm: string): void {
  const { receipt, id, version } = entry;
  const checkpoint = openIn(registry, realm, receipt.checkpoint);
  assertSameIfSameSize(seen, checkpoint);
  const origin = logOriginOf(registry.origin, realm);
  for (const logged of [receipt.publish, ...receipt.authority])
    checkInclusion(logged, { ...checkpoint, origin });
  const leaf = checkPublishLeaf(receipt.publish.leaf, { ...splitWorkflowId(id), version });
  checkEnvelope(receipt, leaf);
  const signers = checkAuthority(receipt, leaf);
  checkStatement(receipt.envelope, signers, signers.length, leaf, registry.origin);
}

function proveStandings(entry: LockedWorkflow, { registry, seen }: OpenLog, realm: string): void {
  const origin = logOriginOf(registry.origin, realm);
  for (const standing of entry.standings) {
    const checkpoint = openIn(registry, realm, standing.checkpoint);
    assertSameIfSameSize(seen, checkpoint);
    for (const event of standing.events) checkInclusion(event, { ...checkpoint, origin });
  }
  const { receipt, standings } = entry;
  checkChain([receipt.publish, ...receipt.authority, ...standings.flatMap(({ events }) => events)]);
}

/** What does not hold in a lockfile was changed after it was written, whichever check shows it. */
function holding<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof BundleError) && !(error instanceof ClientError)) throw error;
    throw tampered(`${what} does not hold: ${error.message}`, error);
  }
}

/** The error for a lockfile that is not what was locked. */
export function tampered(problem: string, cause?: unknown): ClientError {
  return new ClientError('lock.tampered', `sheaf.lock was changed: ${problem}`, { hint: HINT, cause });
}
