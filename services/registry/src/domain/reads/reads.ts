import type { DownloadCounter } from '../downloads/counter.js';
import type { Blobs } from './blobs.js';
import type { Bundles } from './bundles.js';
import type { ReadyAnswer } from './document.js';
import type { Outgoing } from './outgoing.js';
import type { TaggedCache } from './tagged-cache.js';
import type { Touch } from './touch.js';

/** Everything that answers reads from memory. */
export interface Reads {
  /**
   * Answers by the canonical path of what they show. Those whose path anybody may read are in `open`; those of private
   * namespaces are in `closed`, from which only routes read, after they have decided that the caller may.
   */
  readonly open: TaggedCache<ReadyAnswer>;
  readonly closed: TaggedCache<ReadyAnswer>;
  readonly blobs: Blobs;
  readonly bundles: Bundles;
  readonly downloads: DownloadCounter;
  /** Bounds the bytes that are held for readers who take them slowly. */
  readonly outgoing: Outgoing;
  /** Drops what a change has made stale. Whoever has changed something calls it before the change is answered. */
  touch(touches: Iterable<Touch>): void;
  /** Drops every answer: what has changed is unknown. Blobs and bundles stay, for what a digest names never changes. */
  forgetAnswers(): void;
}
