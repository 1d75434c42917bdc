import { RegistryError } from './error.js';

/** Bounds how much of something is in use at once; who comes later waits in line, and the line is bounded too. */
export interface Gate {
  /**
   * Runs when `cost` units are free, in the order of arrival. More than the whole capacity counts as all of it.
   *
   * @throws RegistryError `service.busy` when too many wait already
   */
  run<T>(cost: number, work: () => Promise<T>): Promise<T>;
}

export interface GateLimits {
  readonly capacity: number;
  readonly maxWaiting: number;
  /** What there is too much of, for the error: "too many {what} are in progress". */
  readonly what: string;
}

export function createGate({ capacity, maxWaiting, what }: GateLimits): Gate {
  let free = capacity;
  const waiting: { readonly cost: number; readonly enter: () => void }[] = [];

  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined && next.cost <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.cost;
      next.enter();
    }
  };
  const enter = (cost: number): Promise<void> => {
    if (waiting.length === 0 && cost <= free) {
      free -= cost;
      return Promise.resolve();
    }
    if (waiting.length >= maxWaiting) {
      throw new RegistryError('service.busy', `too many ${what} are in progress`, { retryAfterSeconds: 2 });
    }
    return new Promise((resolve) => waiting.push({ cost, enter: resolve }));
  };

  return {
    run: async (asked, work) => {
      const cost = Math.min(asked, capacity);
      await enter(cost);
      try {
        return await work();
      } finally {
        free += cost;
        admit();
      }
    },
  };
}
