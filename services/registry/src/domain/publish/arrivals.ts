/** What is on its way, and those who wait for it a little. */
export interface Arrivals {
  /** Something is on its way until the function that is returned is called, once or more often. */
  expect(): () => void;
  /** Resolves when all that is on its way now has arrived, and after `forMs` at the latest; at once when nothing is. */
  wait(forMs: number): Promise<void>;
}

export function createArrivals(): Arrivals {
  const expected = new Set<symbol>();
  const waiting = new Set<() => void>();
  return {
    expect: () => {
      const each = Symbol('expected');
      expected.add(each);
      return () => {
        if (!expected.delete(each)) return;
        for (const look of waiting) look();
      };
    },
    wait: (forMs) => {
      const awaited = [...expected];
      if (awaited.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        const look = (): void => {
          if (!awaited.some((each) => expected.has(each))) end();
        };
        const timer = setTimeout(end, forMs);
        waiting.add(look);
      });
    },
  };
}
