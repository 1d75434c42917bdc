/** What waits to be dealt with. */
export interface Inbox<T extends { readonly type: string }> {
  readonly put: (item: T) => void;
  readonly has: (type: T['type']) => boolean;
  readonly fail: (error: unknown) => void;
  readonly drain: () => T[];
  /** Resolves with all that came, as soon as something has; rejects once something failed. */
  readonly take: () => Promise<T[]>;
}

export function createInbox<T extends { readonly type: string }>(): Inbox<T> {
  let items: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const drain = (): T[] => {
    const taken = items;
    items = [];
    return taken;
  };
  return {
    put: (item) => {
      items.push(item);
      wake?.();
    },
    has: (type) => items.some((item) => item.type === type),
    fail: (error) => {
      failure ??= { error };
      wake?.();
    },
    drain,
    take: async () => {
      if (items.length === 0 && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      if (failure !== undefined) throw failure.error;
      return drain();
    },
  };
}
