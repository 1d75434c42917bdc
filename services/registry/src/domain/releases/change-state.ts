import type { ReleaseStateRequest, VersionDocument } from '@sheaf/client/contract';
import { insertAudit } from '../../db/audit-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import type { LogSubject } from '../../db/placement-queries.js';
import { lockPublished, type VersionRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { assertPlaceable, type QueuedLeaf } from '../log/leaves.js';
import { assertLogOpen, settleLog } from '../log/settle.js';
import type { NamespaceDeps } from '../namespaces/namespaces.js';
import { getPublished, getVersionDocument } from '../workflows/documents.js';
import { invalidField } from './invalid-field.js';
import { assertReplacement, parseReplacement } from './replacement.js';
import { changeOf, TRANSITIONS, transitionOf, type StateChange } from './transitions.js';

/** A change into another state says why; one back may say it. */
export type RequestedChange =
  | {
      readonly change: 'deprecate' | 'yank' | 'quarantine';
      readonly request: ReleaseStateRequest;
    }
  | {
      readonly change: 'undeprecate' | 'unyank' | 'unquarantine';
      readonly request?: undefined;
      readonly reason?: string | undefined;
    };

/**
 * Changes the state of a version. The change is an event of the log; the same again changes nothing and is a success.
 *
 * @throws RegistryError `version.not_found`, `workflow.not_found`, `request.invalid`, `state.replacement_unknown`,
 *   `state.conflict` for a state that cannot change so, `service.log_lagging`, and what `authorize` throws
 */
export async function changeState(
  deps: NamespaceDeps,
  caller: Caller,
  ref: VersionRef,
  requested: RequestedChange,
): Promise<VersionDocument> {
  const { principal } = caller;
  const { change } = requested;
  authorize(principal, TRANSITIONS[change].action, { namespace: ref.namespace, workflow: ref.name });
  const { reason, replacement: instead } = requested.request ?? { reason: requested.reason };
  const replacement = instead === undefined ? undefined : parseReplacement(instead);
  const { id, realm } = await getPublished(deps.db, ref);
  const leaf = leafOf(ref, requested);
  assertLoggable(leaf);
  if (replacement) await assertReplacement(deps.db, replacement, { ref, realm });
  await assertLogOpen(deps, realm);
  const subject = await deps.db.transaction().execute(async (trx): Promise<LogSubject> => {
    const current = await lockPublished(trx, id);
    const transition = transitionOf(change, current, changeOf(leaf).after);
    if (transition === 'same') return { kind: 'state', id };
    if (transition === 'conflict') throw conflict(change, current.state);
    const target = { namespace: ref.namespace, workflow: ref.name, version: ref.version };
    const auditId = await insertAudit(trx, {
      principal,
      requestId: caller.requestId,
      action: `release.${change}`,
      ...target,
      ...(reason !== undefined && { detail: { reason } }),
    });
    await enqueueLeaf(trx, {
      realm,
      namespace: ref.namespace,
      leaf,
      subjectKind: 'state',
      subjectId: id,
      auditId,
    });
    return { kind: 'change', auditId };
  });
  await settleLog(deps, realm, subject);
  return getVersionDocument(deps.db, ref);
}

function leafOf(ref: VersionRef, requested: RequestedChange): QueuedLeaf {
  const target = { ns: ref.namespace, name: ref.name, version: ref.version };
  if (!requested.request) {
    const { change, reason } = requested;
    return { type: change, ...target, ...(reason !== undefined && { reason }) };
  }
  const { reason, replacement } = requested.request;
  return { type: requested.change, ...target, reason, ...(replacement !== undefined && { replacement }) };
}

function conflict(change: StateChange, state: string): RegistryError {
  return new RegistryError('state.conflict', `${change} is not for a version that is ${state}`);
}

/** The log takes one line of plain text; its own parser says whether this is one. */
function assertLoggable(leaf: QueuedLeaf): void {
  try {
    assertPlaceable(leaf);
  } catch (cause) {
    throw invalidField('reason', 'must be one line of at most 500 plain characters', cause);
  }
}
