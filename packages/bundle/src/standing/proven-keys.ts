import type { Namespace } from '@sheaf/workflow';
import { BundleError } from '../error.js';
import type { PublicKey } from '../keys/types.js';
import { parseLeaf } from '../log/leaf.js';
import type { Envelope } from '../statement/envelope.js';
import { checkEventLeaf } from '../statement/event-leaf.js';
import { isKeyLeaf } from './authority.js';
import { foldKeyHistory, type KeyHistory } from './key-history.js';
import type { LogEvent } from './log-event.js';

/** A leaf about keys, with the signed event that it records. */
export interface SignedLogEvent extends LogEvent {
  readonly envelope?: Envelope;
}

/**
 * The keys of a namespace as {@link foldKeyHistory} has them, and that the keys themselves say so: every event comes
 * with its envelope, every key that a leaf names has signed it, and it says what the leaf says. What is in `by` is then
 * no longer the word of the registry. A registry may leave out who signed, never add it.
 *
 * @param events of which the caller has checked that the log holds them
 * @param place the registry's origin, as pinned, and the namespace
 * @throws BundleError `key.unauthorised` for an event that its keys did not sign, or whose envelope is missing; else as
 *   {@link foldKeyHistory}
 */
export function proveKeyHistory(
  events: readonly SignedLogEvent[],
  { registry, namespace }: { readonly registry: string; readonly namespace: Namespace },
): KeyHistory {
  const history = foldKeyHistory(events, namespace);
  const keys = history.keys.map(({ publicKey }) => publicKey);
  for (const event of events) checkSigned(event, keys, registry);
  return history;
}

function checkSigned(
  { index, leaf: bytes, envelope }: SignedLogEvent,
  keys: readonly PublicKey[],
  registry: string,
) {
  const leaf = parseLeaf(bytes);
  if (!isKeyLeaf(leaf)) return;
  if (envelope === undefined) refuse(index, 'comes without the signed event that it records');
  try {
    checkEventLeaf(envelope, leaf, keys, registry);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    refuse(index, `is not what its keys have signed: ${cause.message}`, cause);
  }
}

function refuse(index: number, problem: string, cause?: unknown): never {
  throw new BundleError('key.unauthorised', `the leaf at log index ${index} ${problem}`, {
    hint: 'do not trust the keys of this namespace; its registry logged what nobody signed, or does not show what was signed',
    cause,
  });
}
