import {
  PAYLOAD_TYPE_KEY_EVENT,
  encodeEnvelope,
  parseEnvelope,
  parseKeyEvent,
  publicKeyFromRaw,
  publicKeyFromSpki,
  spkiOf,
  verifyEnvelope,
  type Envelope,
  type KeyEvent,
  type PublicKey,
} from '@sheaf/bundle';
import { createHash } from 'node:crypto';
import type { NamespaceDocument } from '@sheaf/client/contract';
import { parseNamespace } from '@sheaf/workflow';
import { insertAudit } from '../../db/audit-queries.js';
import { activeKeys, findKey, hasKeys, insertKey } from '../../db/key-queries.js';
import { enqueueLeaf } from '../../db/log-queries.js';
import { findNamespace } from '../../db/namespace-queries.js';
import { insertOutbox } from '../../db/outbox-queries.js';
import { isUniqueViolation } from '../../db/workflow-queries.js';
import { RegistryError } from '../error.js';
import { authorize } from '../access/authorization.js';
import type { Caller } from '../access/principal.js';
import type { QueuedLeaf } from '../log/leaves.js';
import { settleLog } from '../log/settle.js';
import { getNamespaceDocument, type NamespaceDeps } from '../namespaces/namespaces.js';

export interface KeyDeps extends NamespaceDeps {
  readonly origin: string;
}

/**
 * Registers a signing key for a namespace: the event is signed by the new key, which proves possession, and, when
 * the namespace has keys, by one of them too. Doing it again is a success.
 *
 * @throws RegistryError `key.event_invalid`, `key.endorsement_required`, `namespace.not_found`, and what `authorize` throws
 */
export async function addKey(
  deps: KeyDeps,
  caller: Caller,
  envelopeBytes: Buffer,
): Promise<{ created: boolean; namespace: NamespaceDocument }> {
  const { principal } = caller;
  const { envelope, event, key } = readEvent(envelopeBytes);
  authorize(principal, 'key.add', { namespace: event.namespace });
  if (event.registry !== deps.origin) {
    throw new RegistryError(
      'key.event_invalid',
      `the event is for registry ${event.registry}, this is ${deps.origin}`,
    );
  }
  const namespace = await findNamespace(deps.db, event.namespace);
  if (!namespace) throw new RegistryError('namespace.not_found', `there is no namespace ${event.namespace}`);
  const active = (await activeKeys(deps.db, namespace.id)).map((k) => publicKeyFromRaw(k.public_key));
  const endorsers = active.length === 0 ? [] : endorsersOf(envelope, active);

  const created = await deps.db
    .transaction()
    .execute(async (trx) => {
      // Read under the namespace's lock: of two first keys sent at once, one must be endorsed by the other.
      const isFirst = !(await hasKeys(trx, namespace.id));
      if (await findKey(trx, namespace.id, key.id)) return false;
      if (!isFirst && endorsers.length === 0) {
        throw new RegistryError(
          'key.endorsement_required',
          `a registered key of ${event.namespace} must sign the event too`,
        );
      }
      const eventBytes = Buffer.from(encodeEnvelope(envelope));
      const subjectId = await insertKey(trx, {
        namespace_id: namespace.id,
        key_id: key.id,
        public_key: Buffer.from(key.raw),
        event: eventBytes,
        added_by: principal.userId,
      });
      const auditId = await insertAudit(trx, {
        principal,
        requestId: caller.requestId,
        action: 'key.add',
        namespace: event.namespace,
        detail: { key: key.id },
      });
      await insertOutbox(trx, 'key.added', { namespace: event.namespace, key: key.id });
      const leaf: QueuedLeaf = {
        type: 'key.add',
        ns: parseNamespace(event.namespace),
        keyid: key.id,
        key: Buffer.from(spkiOf(key)).toString('base64'),
        by: [key, ...endorsers].map((k) => k.id),
        event: createHash('sha256').update(eventBytes).digest('hex'),
      };
      await enqueueLeaf(trx, {
        realm: namespace.realm,
        namespace: event.namespace,
        leaf,
        subjectKind: 'key',
        subjectId,
        auditId,
      });
      return true;
    })
    .catch((error: unknown) => {
      if (isUniqueViolation(error, 'keys_unique')) return false;
      throw error;
    });
  await settleLog(deps, namespace.realm);
  return { created, namespace: await getNamespaceDocument(deps.db, event.namespace, principal) };
}

function readEvent(bytes: Buffer): { envelope: Envelope; event: KeyEvent; key: PublicKey } {
  try {
    const envelope = parseEnvelope(bytes);
    const claimed = parseKeyEvent(Buffer.from(envelope.payload, 'base64'));
    const key = publicKeyFromSpki(claimed.publicKey);
    const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, [key], 1);
    return { envelope, event: parseKeyEvent(payload), key };
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'BundleError') throw cause;
    throw new RegistryError('key.event_invalid', cause.message, { cause });
  }
}

/** The active keys that signed the event; none when there is no valid signature of any. */
function endorsersOf(envelope: Envelope, active: readonly PublicKey[]): readonly PublicKey[] {
  const named = new Set(envelope.signatures.map((s) => s.keyid));
  if (!active.some((k) => named.has(k.id))) return [];
  try {
    return verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, active, 1).signers;
  } catch (cause) {
    throw new RegistryError('key.event_invalid', 'the endorsing signature does not verify', { cause });
  }
}
