import { publicKeyFromRaw, type KeyEvent, type KeyId } from '@sheaf/bundle';
import type { NamespaceDocument } from '@sheaf/client/contract';
import { parseNamespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import { countKeyEvents, keysOf, lockKeys, policiesOf, type RevocationRow } from '../../db/key-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { insertOutbox } from '../../db/outbox-queries.js';
import type { Database } from '../../db/schema.js';
import { RegistryError } from '../error.js';
import { authorize, authorizeRecovery } from '../access/authorization.js';
import type { Caller, Principal } from '../access/principal.js';
import { assertLogOpen, settleLog } from '../log/settle.js';
import { getNamespaceDocument, type NamespaceDeps } from '../namespaces/namespaces.js';
import { addKey } from './add-key.js';
import type { Change, ChangeContext } from './change.js';
import { revokeKey } from './revoke-key.js';
import type { KeyView, KnownRevocation } from './rules.js';
import { setPolicy } from './set-policy.js';
import { readSignedEvent, signersOf, type SignedEvent } from './signed-event.js';

export interface KeyDeps extends NamespaceDeps {
  readonly origin: string;
  readonly now: () => number;
}

/**
 * So many events of a namespace's keys fit into the document of its key history, which has a limit of 1 MiB. A key
 * counts twice: whoever could add it must be able to revoke it. The last ones are kept, for recoveries and then for
 * what is revoked a second or a third time.
 */
const MAX_KEY_EVENTS = 256;
const KEPT_FOR_FURTHER_REVOCATIONS = 32;
const KEPT_FOR_RECOVERY = 32;

/**
 * Adds or revokes a key, or sets how many keys a namespace asks for, by a signed event. Everything that may change is
 * decided under the namespace's lock. The same event again changes nothing and is a success.
 *
 * @throws RegistryError `namespace.not_found`, what {@link readSignedEvent}, {@link signersOf} and the rules of the kind
 *   of event throw, what `authorize` and `authorizeRecovery` throw, and `state.conflict` for one event too many
 */
export async function applyKeyEvent(
  deps: KeyDeps,
  caller: Caller,
  envelope: Buffer,
): Promise<{ readonly created: boolean; readonly namespace: NamespaceDocument }> {
  const signed = readSignedEvent(envelope);
  const { event } = signed;
  const { principal } = caller;
  authorizeEvent(principal, event, deps.now());
  if (event.registry !== deps.origin) {
    throw new RegistryError(
      'key.event_invalid',
      `the event is for registry ${event.registry}, this is ${deps.origin}`,
    );
  }
  const found = await findNamespace(deps.db, event.namespace);
  if (!found) throw new RegistryError('namespace.not_found', `there is no namespace ${event.namespace}`);
  const namespace = { id: found.id, name: parseNamespace(found.name), realm: found.realm };
  await assertLogOpen(deps, namespace.realm);
  // What waits for its place in the log is not decided upon.
  await settleLog(deps, namespace.realm);
  const known = (await keysOf(deps.db, namespace.id)).map((k) => publicKeyFromRaw(k.public_key));
  const signers = signersOf(signed, known);

  const created = await deps.db.transaction().execute(async (trx) => {
    await lockKeys(trx, namespace.id);
    const view = await readKeyView(trx, namespace.id);
    const context = { trx, namespace, userId: principal.userId, signers, view };
    const change = await changeBy(context, signed);
    if (!change) return false;
    await assertRoom(trx, namespace.id, event, view);
    const { action, topic, detail } = change;
    const auditId = await insertAudit(trx, {
      principal,
      requestId: caller.requestId,
      action,
      namespace: namespace.name,
      detail,
    });
    await insertOutbox(trx, topic, { namespace: namespace.name, ...detail });
    await enqueueLeaf(trx, { realm: namespace.realm, namespace: namespace.name, ...change, auditId });
    return true;
  });
  await settleLog(deps, namespace.realm);
  return { created, namespace: await getNamespaceDocument(deps.db, namespace.name, principal) };
}

function authorizeEvent(
  principal: Principal | undefined,
  event: KeyEvent,
  nowMs: number,
): asserts principal is Principal {
  const { namespace } = event;
  if (event.type === 'ns.policy') authorize(principal, 'namespace.policy', { namespace });
  else if (event.recovery) authorizeRecovery(principal, namespace, nowMs);
  else authorize(principal, event.type, { namespace });
}

function changeBy(
  context: Omit<ChangeContext<KeyEvent>, 'signed'>,
  signed: SignedEvent,
): Promise<Change | undefined> {
  const { event } = signed;
  switch (event.type) {
    case 'key.add':
      return addKey({ ...context, signed: { ...signed, event } });
    case 'key.revoke':
      return revokeKey({ ...context, signed: { ...signed, event } });
    case 'ns.policy':
      return setPolicy({ ...context, signed: { ...signed, event } });
  }
}

async function readKeyView(trx: Transaction<Database>, namespaceId: number): Promise<KeyView> {
  const keys = await keysOf(trx, namespaceId);
  const policies = await policiesOf(trx, namespaceId);
  const { keys: everAdded } = await countKeyEvents(trx, namespaceId);
  return {
    active: new Set(keys.filter((k) => k.revocations.length === 0).map((k) => k.key_id as KeyId)),
    revoked: new Map(
      keys
        .filter((k) => k.revocations.length > 0)
        .map((k) => [k.key_id as KeyId, k.revocations.map(knownRevocation)]),
    ),
    isEmpty: everAdded === 0,
    threshold: Math.max(1, ...policies.map((p) => p.threshold)),
    policyIndex: policies.find((p) => p.log_index !== null)?.log_index ?? undefined,
  };
}

function knownRevocation({ reason, from_index, log_index }: RevocationRow): KnownRevocation {
  return {
    reason,
    ...(from_index !== null && { fromIndex: from_index }),
    ...(log_index !== null && { logIndex: log_index }),
  };
}

/** Called with the change already stored, so that it is counted. */
async function assertRoom(
  trx: Transaction<Database>,
  namespaceId: number,
  event: KeyEvent,
  view: KeyView,
): Promise<void> {
  const isRevocation = event.type === 'key.revoke';
  // The first revocation of a key was counted when the key was added.
  if (isRevocation && !view.revoked.has(event.keyid)) return;
  const { keys, furtherRevocations, policies } = await countKeyEvents(trx, namespaceId);
  const kept = isRevocation
    ? 0
    : KEPT_FOR_FURTHER_REVOCATIONS + ('recovery' in event ? 0 : KEPT_FOR_RECOVERY);
  if (2 * keys + furtherRevocations + policies <= MAX_KEY_EVENTS - kept) return;
  throw new RegistryError(
    'state.conflict',
    `the namespace ${event.namespace} has had as many keys, revocations and policies as it may have`,
  );
}
