/** How far a log is: what its database says. */
export interface LogHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * What this process has signed and committed to a log. It spares asking the database for what cannot have changed, and
 * it is known before the copy of it is written.
 */
export interface OwnHistory {
  /** The newest; undefined before the first. */
  newest(): LogHead | undefined;
  /** The root that the history has at a size, when it leads to this head and the size is remembered. */
  rootAt(head: LogHead, size: number): Uint8Array | undefined;
  /** Goes on to `next`, committed on top of `before`. */
  extend(before: LogHead, next: LogHead): void;
}

/** More than are on their way to a copy at any time. */
const MAX_REMEMBERED = 8;

export function createOwnHistory(): OwnHistory {
  let newest: LogHead | undefined;
  /** Of one history: each was signed on top of the one before it. */
  let roots = new Map<number, Uint8Array>();
  return {
    newest: () => newest,
    rootAt: (head, size) => (newest !== undefined && isSameHead(newest, head) ? roots.get(size) : undefined),
    extend: (before, next) => {
      // Another process, or another database, has written in between: what was known need not lead to here.
      if (newest === undefined || !isSameHead(newest, before)) roots = new Map([[before.size, before.root]]);
      roots.set(next.size, next.root);
      for (const size of roots.keys()) {
        if (roots.size <= MAX_REMEMBERED) break;
        roots.delete(size);
      }
      newest = { size: next.size, root: next.root };
    },
  };
}

function isSameHead(a: LogHead, b: LogHead): boolean {
  return a.size === b.size && Buffer.compare(a.root, b.root) === 0;
}
