import type { Leaf } from '@sheaf/bundle';

/** One entry of a log that was proven, and that the rules allow. */
export interface AuditEvent {
  /** Log index. */
  readonly index: number;
  readonly namespace: string;
  /** Seconds since the epoch, by the registry's clock. */
  readonly time: number;
  /** Of a leaf that this version does not know, what it calls itself: `a-z`, digits and dots. */
  readonly type: string;
  /** Undefined when the type is not known: then nothing is known of what the event means. */
  readonly leaf: Leaf | undefined;
}
