import type { Gate } from '../gate.js';
import { touchedTags, type ReadTags, type Touch } from './touch.js';

/**
 * Keeps what was rendered until something that it depends on is touched, within a number of bytes.
 *
 * Those who ask for the same at once share one rendering. A touch that comes while something is being rendered drops the
 * rendering too: those who asked before it get it, nobody who asks later does, and it is not kept.
 */
export interface TaggedCache<T> {
  /** What is held under the key now. */
  find(key: string): T | undefined;
  /** What is held under the key, rendered unless it is there. @throws what `render` throws, and `service.busy` */
  get(key: string, tags: ReadTags, render: () => Promise<T>): Promise<T>;
  /** Makes stale what depends on what has changed. */
  touch(touch: Touch): void;
  /** As {@link TaggedCache.touch}, but only what was rendered at or before a time, in milliseconds. */
  touchOlder(touch: Touch, renderedBeforeMs: number): void;
  /** Makes everything stale: nobody knows what has changed. */
  clear(): void;
  readonly sizeBytes: number;
}

export interface TaggedCacheOptions<T> {
  readonly maxBytes: number;
  /** Memory that holding one takes, in bytes. */
  readonly sizeOf: (value: T) => number;
  /** How many are rendered at a time. */
  readonly gate: Gate;
  readonly now: () => number;
  readonly onLookup?: (outcome: 'hit' | 'miss') => void;
}

interface Holder<T> {
  readonly key: string;
  readonly tags: ReadTags;
  readonly renderedMs: number;
  value: T | undefined;
  sizeBytes: number;
  /** Asked for since it was last looked at for room. */
  isUsed: boolean;
}

export function createTaggedCache<T>(options: TaggedCacheOptions<T>): TaggedCache<T> {
  const { maxBytes, sizeOf, gate, now, onLookup } = options;
  const held = new Map<string, Holder<T>>();
  const rendering = new Map<string, { readonly holder: Holder<T>; readonly result: Promise<T> }>();
  /** Of what is held and what is being rendered. */
  const byTag = new Map<string, Set<Holder<T>>>();
  let bytes = 0;

  const link = (holder: Holder<T>) => {
    for (const tag of holder.tags) {
      const holders = byTag.get(tag) ?? new Set();
      byTag.set(tag, holders.add(holder));
    }
  };
  const drop = (holder: Holder<T>) => {
    for (const tag of holder.tags) {
      const holders = byTag.get(tag);
      holders?.delete(holder);
      if (holders?.size === 0) byTag.delete(tag);
    }
    if (rendering.get(holder.key)?.holder === holder) rendering.delete(holder.key);
    if (held.get(holder.key) !== holder) return;
    held.delete(holder.key);
    bytes -= holder.sizeBytes;
  };
  /** Whoever was not asked for since the last look goes first. */
  const makeRoom = () => {
    for (const [key, holder] of held) {
      if (bytes <= maxBytes) return;
      if (!holder.isUsed) drop(holder);
      else {
        holder.isUsed = false;
        held.delete(key);
        held.set(key, holder);
      }
    }
  };
  const keep = (holder: Holder<T>, value: T) => {
    holder.sizeBytes = sizeOf(value);
    if (holder.sizeBytes > maxBytes) {
      drop(holder);
      return;
    }
    rendering.delete(holder.key);
    holder.value = value;
    held.set(holder.key, holder);
    bytes += holder.sizeBytes;
    makeRoom();
  };

  const start = (key: string, tags: ReadTags, render: () => Promise<T>): Promise<T> => {
    const holder: Holder<T> = {
      key,
      tags,
      renderedMs: now(),
      value: undefined,
      sizeBytes: 0,
      isUsed: true,
    };
    const result = gate.run(1, render).then(
      (value) => {
        // Unless it was dropped in the meantime.
        if (rendering.get(key)?.holder === holder) keep(holder, value);
        return value;
      },
      (error: unknown) => {
        drop(holder);
        throw error;
      },
    );
    rendering.set(key, { holder, result });
    link(holder);
    return result;
  };

  const touchIf = (touch: Touch, isMeant: (holder: Holder<T>) => boolean) => {
    for (const tag of touchedTags(touch)) {
      for (const holder of byTag.get(tag) ?? []) if (isMeant(holder)) drop(holder);
    }
  };

  return {
    find: (key) => {
      const holder = held.get(key);
      if (!holder) return undefined;
      holder.isUsed = true;
      return holder.value;
    },
    get: (key, tags, render) => {
      const holder = held.get(key);
      if (holder?.value !== undefined) {
        holder.isUsed = true;
        onLookup?.('hit');
        return Promise.resolve(holder.value);
      }
      onLookup?.('miss');
      return rendering.get(key)?.result ?? start(key, tags, render);
    },
    touch: (touch) => {
      touchIf(touch, () => true);
    },
    touchOlder: (touch, renderedBeforeMs) => {
      touchIf(touch, ({ renderedMs }) => renderedMs <= renderedBeforeMs);
    },
    clear: () => {
      held.clear();
      rendering.clear();
      byTag.clear();
      bytes = 0;
    },
    get sizeBytes() {
      return bytes;
    },
  };
}
