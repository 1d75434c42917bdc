import { equalBytes } from '../encoding/equal-bytes.js';
import { BundleError } from '../error.js';
import { type Leaf, parseLeaf } from '../log/leaf.js';

/** A leaf at its place in the log. That it stands there is for the caller to have checked. */
export interface LogEvent {
  readonly index: number;
  /** The raw bytes. */
  readonly leaf: Uint8Array;
}

/** A parsed leaf at its place in the log. */
export interface PlacedLeaf<L extends Leaf = Leaf> {
  readonly index: number;
  readonly leaf: L;
}

/**
 * Events in the order of the log, each once, parsed.
 *
 * @throws BundleError `standing.invalid` when two leaves claim one index, `leaf.invalid`, or `leaf.type_unknown`
 */
export function orderEvents(events: readonly LogEvent[]): readonly PlacedLeaf[] {
  const ordered: PlacedLeaf[] = [];
  let previous: LogEvent | undefined;
  for (const event of [...events].sort((a, b) => a.index - b.index)) {
    if (previous?.index === event.index) {
      if (!equalBytes(previous.leaf, event.leaf)) {
        throw new BundleError('standing.invalid', `two different leaves claim log index ${event.index}`);
      }
      continue;
    }
    ordered.push({ index: event.index, leaf: parseLeaf(event.leaf) });
    previous = event;
  }
  return ordered;
}
