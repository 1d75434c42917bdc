import { publicKeyFromSpki, type Envelope, type KeyEvent, type KeyId, type PublicKey } from '@sheaf/bundle';
import { findSigners } from './events.js';

/** What of a namespace's key history decides who must sign an event. */
export interface KeysInForce {
  readonly keys: readonly {
    readonly publicKey: PublicKey;
    readonly revoked?: object | undefined;
  }[];
  readonly threshold: number;
}

/** Who signed an event, and what is still missing. */
export interface SignatureCount {
  /** Active keys of the namespace that signed. */
  readonly by: readonly KeyId[];
  /** How many active keys must sign. */
  readonly needed: number;
  /** The key that the event adds, when its own signature is not there yet. */
  readonly unproven?: KeyId;
  readonly isComplete: boolean;
}

/** Keys that are in the log and not revoked. */
export function activeKeys(history: KeysInForce): readonly PublicKey[] {
  return history.keys.filter(({ revoked }) => revoked === undefined).map(({ publicKey }) => publicKey);
}

/**
 * Counts the signatures of an event against what the namespace's keys and policy ask for. The registry decides the
 * same by itself; this tells it before anything is sent.
 */
export function countSignatures(envelope: Envelope, event: KeyEvent, history: KeysInForce): SignatureCount {
  const active = activeKeys(history);
  const by = findSigners(envelope, active).map(({ id }) => id);
  const needed = neededSignatures(event, active, history, by);
  const unproven = event.type === 'key.add' ? findUnproven(envelope, event.publicKey) : undefined;
  return {
    by,
    needed,
    ...(unproven === undefined ? {} : { unproven }),
    isComplete: by.length >= needed && unproven === undefined,
  };
}

function neededSignatures(
  event: KeyEvent,
  active: readonly PublicKey[],
  { keys, threshold }: KeysInForce,
  by: readonly KeyId[],
): number {
  switch (event.type) {
    case 'key.add':
      return event.recovery === true || keys.length === 0 ? 0 : threshold;
    case 'key.revoke':
      return event.recovery === true || by.includes(event.keyid) ? 1 : threshold;
    case 'ns.policy':
      return Math.max(threshold, event.threshold);
  }
}

/** The new key's proof of possession is its own signature. */
function findUnproven(envelope: Envelope, spki: string): KeyId | undefined {
  const key = publicKeyFromSpki(spki);
  return findSigners(envelope, [key]).length === 0 ? key.id : undefined;
}
