import { hexOf } from '../encoding/bytes.js';
import { encodeLeaf } from '../log/leaf.js';
import { hashLeaf } from '../log/merkle.js';
import { BundleError } from '../error.js';
import { type LogEvent, orderEvents, type PlacedLeaf } from './log-event.js';

/**
 * Holds leaves of one namespace, in any order and with any gaps, against the chain that they claim to be of: in the
 * order of the log their `seq` ascends, no further than they are apart, and one that follows another directly names its
 * hash in `prev`. What belongs to different histories shows here without asking the registry for anything.
 *
 * @param events of which the caller has checked that the log holds them
 * @throws BundleError `leaf.chain`, `standing.invalid` when two leaves claim one index, `leaf.invalid`, or
 *   `leaf.type_unknown`
 */
export function checkChain(events: readonly LogEvent[]): void {
  let previous: PlacedLeaf | undefined;
  for (const next of orderEvents(events)) {
    if (previous !== undefined) checkLink(previous, next);
    previous = next;
  }
}

function checkLink(previous: PlacedLeaf, next: PlacedLeaf): void {
  const steps = next.leaf.seq - previous.leaf.seq;
  const isInOrder = next.leaf.ns === previous.leaf.ns && steps > 0 && steps <= next.index - previous.index;
  if (isInOrder && (steps > 1 || next.leaf.prev === hexOf(hashLeaf(encodeLeaf(previous.leaf))))) return;
  throw new BundleError(
    'leaf.chain',
    `the leaf at log index ${next.index} does not follow the one at ${previous.index} in the chain of ${next.leaf.ns}`,
    { hint: 'do not use it; the registry shows leaves that no one history of the namespace holds' },
  );
}
