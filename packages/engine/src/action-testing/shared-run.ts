import type { ActionContext, Kept, KeptContext } from '../actions/action.js';

/** What steps of one run share in a test. */
export interface SharedRun {
  readonly keeping: (own: KeptContext) => ActionContext['keep'];
  /** Ends the run: closes what was kept. */
  close(): Promise<void>;
}

/** A run for several runs of actions under test, which then share what they keep. */
export function testRun(): SharedRun {
  const kept = new Map<string, Promise<Kept>>();
  return {
    keeping:
      (own) =>
      async <T extends Kept>(key: string, open: (own: KeptContext) => Promise<T>): Promise<T> => {
        const found = await (kept.get(key) as Promise<T> | undefined)?.catch(() => undefined);
        if (found?.isOpen === true) return found;
        const opening = open(own);
        kept.set(key, opening);
        return opening;
      },
    close: async () => {
      for (const each of kept.values()) await each.then((it) => it.close()).catch(() => undefined);
      kept.clear();
    },
  };
}
