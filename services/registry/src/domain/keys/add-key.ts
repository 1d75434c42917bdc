import { spkiOf, type KeyAddEvent } from '@sheaf/bundle';
import { findKey, insertKey } from '../../db/key-queries.js';
import { RegistryError } from '../error.js';
import type { Change, ChangeContext } from './change.js';
import { decideAdd } from './rules.js';
import { addedKey } from './signed-event.js';

/** Stores a new key; undefined when it is there already. @throws RegistryError as {@link decideAdd} */
export async function addKey(context: ChangeContext<KeyAddEvent>): Promise<Change | undefined> {
  const { trx, namespace, signed, signers, view } = context;
  const { event } = signed;
  const key = addedKey(event);
  if (!key) throw new RegistryError('key.event_invalid', 'the event adds no key');
  // One that still waits for its place in the log was decided upon already.
  const isKnown = view.active.has(key.id) || view.revoked.has(key.id);
  if (!isKnown && (await findKey(trx, namespace.id, key.id))) return undefined;
  const by = decideAdd(view, event, key.id, signers);
  if (!by) return undefined;
  const recovery = event.recovery && { recovery: event.recovery };
  const subjectId = await insertKey(trx, {
    namespace_id: namespace.id,
    key_id: key.id,
    public_key: Buffer.from(key.raw),
    event: signed.bytes,
    added_by: context.principal.userId,
    is_recovery: event.recovery ?? false,
  });
  return {
    leaf: {
      type: 'key.add',
      ns: namespace.name,
      keyid: key.id,
      key: Buffer.from(spkiOf(key)).toString('base64'),
      by,
      event: signed.digest,
      ...recovery,
    },
    subjectKind: 'key',
    subjectId,
    action: 'key.add',
    detail: { key: key.id, ...(recovery && { recovery: 'true' }) },
  };
}
