import { publicKeyFromRaw, type KeyEvent, type KeyId, type PublicKey } from '@sheaf/bundle';
import type { NamespaceDocument } from '@sheaf/client/contract';
import { parseNamespace } from '@sheaf/workflow';
import type { Transaction } from 'kysely';
import { insertAudit } from '../../db/audit-queries.js';
import { keysOf, lockKeys, policiesOf, type RevocationRow } from '../../db/key-queries.js';
import { countKeyEvents } from '../../db/key-room.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import type { LogSubject } from '../../db/placement-queries.js';
import type { Database } from '../../db/schema.js';
import { RegistryError } from '../error.js';
import { authorize, authorizeRecovery, mayRecover } from '../access/authorization.js';
import { holdRights } from '../access/hold-rights.js';
import type { Caller, Person, Principal } from '../access/principal.js';
import { assertLogOpen, settleLog } from '../log/settle.js';
import { getNamespaceDocument, type NamespaceDeps } from '../namespaces/namespaces.js';
import { addKey } from './add-key.js';
import type { Change, ChangeContext } from './change.js';
import { endorsedByStolen } from './endorsed.js';
import { revokeKey } from './revoke-key.js';
import { assertRoom } from './room.js';
import type { KeyView, KnownRevocation } from './rules.js';
import { setPolicy } from './set-policy.js';
import { readSignedEvent, signersOf, type SignedEvent } from './signed-event.js';

export interface KeyDeps extends NamespaceDeps {
  readonly origin: string;
  readonly now: () => number;
}

/**
 * Adds or revokes a key, or sets how many keys a namespace asks for, by a signed event. Everything that may change is
 * decided under the namespace's lock. The same event again changes nothing and is a success.
 *
 * @throws RegistryError `namespace.not_found`, what {@link readSignedEvent}, {@link signersOf} and the rules of the kind
 *   of event throw, what `authorize`, `authorizeRecovery` and `holdRights` throw, `state.conflict` or `rate.limited` for one event too
 *   many, and `service.log_lagging`
 */
export async function applyKeyEvent(
  deps: KeyDeps,
  caller: Caller,
  envelope: Buffer,
): Promise<{ readonly created: boolean; readonly namespace: NamespaceDocument }> {
  const signed = readSignedEvent(envelope);
  const { event } = signed;
  const { principal } = caller;
  const nowMs = deps.now();
  authorizeEvent(principal, event, nowMs);
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
  const signers = signersOf(signed, await candidatesFor(deps, namespace.id, signed));

  const auditId = await deps.db.transaction().execute(async (trx) => {
    // Members before keys, always: their lock is not waited for by whoever holds keys.
    const { person } = await holdRights(trx, principal, namespace);
    authorizeEvent(person, event, nowMs);
    await lockKeys(trx, namespace.id);
    const view = await readKeyView(trx, namespace.id);
    const context = { trx, namespace, principal: person, nowMs, signers, view };
    const change = await changeBy(context, signed);
    if (!change) return undefined;
    await assertRoom(trx, namespace.id, {
      event,
      isFurther: event.type === 'key.revoke' && view.revoked.has(event.keyid),
      isFresh: mayRecover(person, namespace.name, nowMs),
    });
    const { action, detail } = change;
    const id = await insertAudit(trx, {
      principal,
      requestId: caller.requestId,
      action,
      namespace: namespace.name,
      detail,
    });
    await enqueueLeaf(trx, { realm: namespace.realm, namespace: namespace.name, ...change, auditId: id });
    return id;
  });
  const subject: LogSubject =
    auditId === undefined ? { kind: 'keys', namespace: namespace.name } : { kind: 'change', auditId };
  await settleLog(deps, namespace.realm, subject);
  const endorsed = await endorsedByStolen(deps.db, namespace, event);
  return {
    created: auditId !== undefined,
    namespace: {
      ...(await getNamespaceDocument(deps.db, namespace.name, principal)),
      ...(endorsed.length > 0 && { endorsed: [...endorsed] }),
    },
  };
}

/** The keys that a signature is tried against: the active ones, which are few, and of the revoked ones those it names. */
async function candidatesFor(
  { db }: KeyDeps,
  namespaceId: number,
  { envelope }: SignedEvent,
): Promise<readonly PublicKey[]> {
  const named = new Set(envelope.signatures.map(({ keyid }) => keyid));
  return (await keysOf(db, namespaceId))
    .filter((k) => k.revocations.length === 0 || named.has(k.key_id))
    .map((k) => publicKeyFromRaw(k.public_key));
}

function authorizeEvent(
  principal: Principal | undefined,
  event: KeyEvent,
  nowMs: number,
): asserts principal is Person {
  const { namespace } = event;
  if (event.type === 'ns.policy') authorize(principal, 'namespace.policy', { namespace });
  else if (event.recovery) authorizeRecovery(principal, namespace, nowMs);
  // What may add a key without any other may revoke one with them.
  else if (event.type === 'key.revoke' && principal && mayRecover(principal, namespace, nowMs)) return;
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
  const { keys: vouched, recoveries } = await countKeyEvents(trx, namespaceId);
  return {
    active: new Set(keys.filter((k) => k.revocations.length === 0).map((k) => k.key_id as KeyId)),
    revoked: new Map(
      keys
        .filter((k) => k.revocations.length > 0)
        .map((k) => [k.key_id as KeyId, k.revocations.map(knownRevocation)]),
    ),
    isEmpty: vouched + recoveries === 0,
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
