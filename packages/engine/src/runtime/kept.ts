import type { ActionContext, Kept, KeptContext } from '../actions/action.js';
import type { ProcessHandle } from '../ports.js';

/** What the steps of a run keep open between them. */
export interface Keeper {
  /**
   * `scope`: of whom it is kept; nobody else gets it. `begin` makes what starts its processes, and puts those that live into the set.
   */
  for(
    scope: string,
    begin: (processes: Set<ProcessHandle>) => ActionContext['startProcess'],
  ): ActionContext['keep'];
  /** Closes all, and ends processes that do not end by themselves. */
  close(): Promise<void>;
}

export function createKeeper(): Keeper {
  const kept = new Map<string, Promise<Kept>>();
  const processes = new Set<ProcessHandle>();
  let isClosed = false;
  return {
    for: (scope, begin) => {
      const own: KeptContext = { startProcess: (spec) => begin(processes)(spec) };
      return async <T extends Kept>(key: string, open: (own: KeptContext) => Promise<T>): Promise<T> => {
        const name = `${scope}\0${key}`;
        // Whoever has a key knows what it is the key of.
        const before = kept.get(name) as Promise<T> | undefined;
        const found = await before?.catch(() => undefined);
        if (found?.isOpen === true) return found;
        if (isClosed) throw new Error('the run has ended');
        // Another step may have opened it meanwhile.
        const now = kept.get(name) as Promise<T> | undefined;
        if (now !== undefined && now !== before) return now;
        const opening = open(own);
        kept.set(name, opening);
        return opening;
      };
    },
    close: async () => {
      isClosed = true;
      await Promise.all(
        [...kept.values()].map((each) => each.then((it) => it.close()).catch(() => undefined)),
      );
      for (const handle of processes) handle.stop();
      await Promise.all([...processes].map((handle) => handle.done));
    },
  };
}
