import { encodeLeaf, type Leaf } from '@sheaf/bundle';

type WithoutPosition<L> = L extends unknown ? Omit<L, 'v' | 'seq' | 'prev' | 't'> : never;

/** A leaf that waits for its place: the sequencer adds its time and its link in the namespace's chain. */
export type QueuedLeaf = WithoutPosition<Leaf>;

/** Where a leaf stands in its namespace's chain, and when it got there. */
export interface LeafPosition {
  readonly seq: number;
  /** Hex hash of the namespace's leaf before it; empty for the first. */
  readonly prev: string;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
}

/** The bytes that go into the log. */
export function placeLeaf(queued: QueuedLeaf, position: LeafPosition): Uint8Array {
  return encodeLeaf({
    ...queued,
    v: 1,
    seq: position.seq,
    prev: position.prev,
    t: position.timeSeconds,
  });
}

/**
 * Refuses a leaf that could not be placed, before it is queued: once queued, it must never block the log.
 *
 * @throws BundleError `leaf.invalid`
 */
export function assertPlaceable(queued: QueuedLeaf): void {
  placeLeaf(queued, { seq: 999_999_999_999, prev: 'f'.repeat(64), timeSeconds: 99_999_999_999 });
}
