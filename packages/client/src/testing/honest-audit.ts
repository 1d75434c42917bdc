import { logVerifierOf } from '@sheaf/bundle';
import { parseVersion, parseWorkflowName } from '@sheaf/workflow';
import { createWorldLog, type WorldLog } from '../../../bundle/src/testing/world-log.js';
import { isVerificationFailure, type ClientError } from '../errors.js';
import { AUDIT_ORIGIN, memoryStore, serveLog, type ServedLog } from './audited-log.js';
import { testKey } from './test-log.js';
import type { AuditEvent } from '../audit/audit-event.js';
import { openLogAudit, type AuditDeps, type CatchUpOptions } from '../audit/audit-log.js';

export const [A, B] = [testKey(11), testKey(12)];
export const STRANGER = testKey(13);
export const PIN = {
  origin: AUDIT_ORIGIN,
  logKey: logVerifierOf(`${AUDIT_ORIGIN}/log/public`, testKey(2).publicKey.raw).text,
};
export const RELEASE = { name: parseWorkflowName('deploy'), version: parseVersion('1.0.0') };

/** An honest log: a namespace, a key at 1, a release at 2. */
export function honest(): WorldLog {
  const log = createWorldLog();
  log.append({ type: 'ns.create' });
  log.addKey(A);
  log.publish('1.0.0', [A], [1]);
  return log;
}

/** An audit of a log, what it tells of, and how it catches up. */
export function auditOf(
  served: ServedLog,
  options: {
    readonly store?: AuditDeps['store'];
    readonly realm?: string;
    readonly fromStart?: boolean;
  } = {},
) {
  const { store = memoryStore(), realm = 'public', fromStart = false } = options;
  const events: AuditEvent[] = [];
  const audit = openLogAudit({ ...served, store }, { pin: PIN, realm, fromStart, chunkEntries: 256 });
  const catchUp = (more: CatchUpOptions = {}) =>
    audit.catchUp({ onEvent: (event) => void events.push(event), ...more });
  return { events, catchUp };
}

/** The refusal that some work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<ClientError> {
  try {
    await work;
  } catch (error) {
    if (isVerificationFailure(error)) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

/** The code and the place of the first violation in a log. */
export async function violationOf(leaves: readonly Uint8Array[]) {
  const { catchUp, events } = auditOf(serveLog(leaves));
  const error = await failureOf(catchUp());
  return {
    code: error.code,
    at: events.length,
    evidence: error.verification?.evidence.map(({ name }) => name),
  };
}
