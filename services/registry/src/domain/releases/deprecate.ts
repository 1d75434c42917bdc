import type { DeprecateRequest, VersionDocument } from '@sheaf/client/contract';
import { parseVersion, parseWorkflowId } from '@sheaf/workflow';
import { insertAudit } from '../../db/audit-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { insertOutbox } from '../../db/outbox-queries.js';
import { lockPublished, type VersionRef } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import { assertPlaceable, type QueuedLeaf } from '../log/leaves.js';
import { settleLog } from '../log/settle.js';
import type { NamespaceDeps } from '../namespaces/namespaces.js';
import { getPublished, getVersionDocument } from '../workflows/documents.js';

/**
 * Marks a version deprecated, with a reason and what to use instead; without a request, makes it active again.
 * The change is an event of the log. The same again changes nothing and is a success.
 *
 * @throws RegistryError `version.not_found`, `request.invalid` for a state that cannot change so, and what `authorize` throws
 */
export async function changeDeprecation(
  deps: NamespaceDeps,
  caller: Caller,
  ref: VersionRef,
  request: DeprecateRequest | undefined,
): Promise<VersionDocument> {
  const { principal } = caller;
  authorize(principal, 'release.deprecate', { namespace: ref.namespace, workflow: ref.name });
  if (request?.replacement !== undefined) assertReplacement(request.replacement);
  const version = await getPublished(deps.db, ref);
  const leaf = leafOf(ref, request);
  assertLoggable(leaf);
  await settleLog(deps, version.realm);
  await deps.db.transaction().execute(async (trx) => {
    const current = await lockPublished(trx, version.id);
    if (current.state !== 'active' && current.state !== 'deprecated') {
      throw new RegistryError(
        'request.invalid',
        `a ${current.state} version cannot be deprecated or undeprecated`,
      );
    }
    const isSame = request
      ? current.state === 'deprecated' &&
        current.reason === request.reason &&
        current.replacement === (request.replacement ?? null)
      : current.state === 'active';
    if (isSame) return;
    const target = { namespace: ref.namespace, workflow: ref.name, version: ref.version };
    const action = request ? 'release.deprecate' : 'release.undeprecate';
    const auditId = await insertAudit(trx, {
      principal,
      requestId: caller.requestId,
      action,
      ...target,
      ...(request && { detail: { reason: request.reason } }),
    });
    await insertOutbox(trx, action, target);
    await enqueueLeaf(trx, {
      realm: version.realm,
      namespace: ref.namespace,
      leaf,
      subjectKind: 'state',
      subjectId: version.id,
      auditId,
    });
  });
  await settleLog(deps, version.realm);
  return getVersionDocument(deps.db, ref);
}

function leafOf(ref: VersionRef, request: DeprecateRequest | undefined): QueuedLeaf {
  const target = { ns: ref.namespace, name: ref.name, version: ref.version };
  if (!request) return { type: 'undeprecate', ...target };
  const { reason, replacement } = request;
  return { type: 'deprecate', ...target, reason, ...(replacement !== undefined && { replacement }) };
}

function assertReplacement(text: string): void {
  const [id = '', version, ...rest] = text.split('@');
  try {
    parseWorkflowId(id);
    if (version !== undefined) parseVersion(version);
    if (rest.length > 0) throw new Error('there is more than one @');
  } catch (cause) {
    throw invalidField('replacement', 'must be namespace/name or namespace/name@version', cause);
  }
}

/** The log takes one line of plain text; its own parser says whether this is one. */
function assertLoggable(leaf: QueuedLeaf): void {
  try {
    assertPlaceable(leaf);
  } catch (cause) {
    throw invalidField('reason', 'must be one line of at most 500 plain characters', cause);
  }
}

function invalidField(name: string, detail: string, cause: unknown): RegistryError {
  return new RegistryError('request.invalid', `${name} ${detail}`, {
    errors: [{ pointer: `/${name}`, code: 'field.invalid', detail: (cause as Error).message }],
    cause,
  });
}
