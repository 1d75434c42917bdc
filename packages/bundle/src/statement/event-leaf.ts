import { sha256Hex } from '../digest.js';
import { BundleError } from '../error.js';
import type { PublicKey } from '../keys/types.js';
import type { KeyLeaf } from '../standing/authority.js';
import { encodeEnvelope, type Envelope, PAYLOAD_TYPE_KEY_EVENT, verifyEnvelope } from './envelope.js';
import { type KeyEvent, parseKeyEvent } from './key-event.js';

/**
 * Holds a leaf about keys against the signed event that it records: the envelope is the one whose hash it has, each key
 * of `by` has signed it, and it says for this registry and namespace what the leaf says. The log holds no envelopes, so
 * without this `by` is the registry's word.
 *
 * @param keys the keys that `by` names; others do not matter
 * @throws BundleError `envelope.digest`, `key.unauthorised`, `envelope.payload_type`, `signature.invalid`, or a code of
 *   `parseKeyEvent`
 */
export function checkEventLeaf(
  envelope: Envelope,
  leaf: KeyLeaf,
  keys: readonly PublicKey[],
  registry: string,
): KeyEvent {
  if (sha256Hex(encodeEnvelope(envelope)) !== leaf.event) {
    throw new BundleError('envelope.digest', 'the signed key event is not the one that the log recorded', {
      hint: 'ask for the event again; if it stays, do not trust the keys of this namespace',
    });
  }
  const by = keys.filter(({ id }) => leaf.by.includes(id));
  if (by.length !== leaf.by.length) refuse('the leaf names signers whose keys are not known');
  const { payload } = verifyEnvelope(envelope, PAYLOAD_TYPE_KEY_EVENT, by, by.length);
  const event = parseKeyEvent(payload);
  if (event.registry !== registry || event.namespace !== leaf.ns)
    refuse('the key event is for another namespace');
  if (describe(event) !== describe(eventOf(leaf))) refuse('the leaf does not say what the key event says');
  return event;
}

function describe(event: KeyEvent): string {
  switch (event.type) {
    case 'key.add':
      return JSON.stringify([event.type, event.publicKey, event.recovery]);
    case 'key.revoke':
      return JSON.stringify([event.type, event.keyid, event.reason, event.fromIndex, event.recovery]);
    case 'ns.policy':
      return JSON.stringify([event.type, event.threshold, event.replaces]);
  }
}

/** The event that a leaf claims to record. */
function eventOf(leaf: KeyLeaf): KeyEvent {
  const named = { registry: '', namespace: leaf.ns };
  return leaf.type === 'key.add' ? { ...leaf, ...named, publicKey: leaf.key } : { ...leaf, ...named };
}

function refuse(problem: string): never {
  throw new BundleError('key.unauthorised', problem, {
    hint: 'do not trust the keys of this namespace; its registry logged what nobody signed',
  });
}
