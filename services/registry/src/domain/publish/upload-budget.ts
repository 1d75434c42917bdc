import { RegistryError } from '../error.js';
import { createGate } from '../gate.js';

/** Bounds the memory that uploads may take together, and how much of it one account may. */
export interface UploadBudget {
  /**
   * Reserves room for a body of `bytes` while `run` runs.
   *
   * @throws RegistryError `service.busy` when it is spent: the caller comes back later, nothing was stored
   */
  spend<T>(account: string, bytes: number, run: () => Promise<T>): Promise<T>;
  /** Runs when there is room for an archive that unpacks to `bytes`; the compressed one is small and may wait. */
  unpack<T>(bytes: number, run: () => Promise<T>): Promise<T>;
}

const SHARE = 4;

export function createUploadBudget(totalBytes: number): UploadBudget {
  const spentBy = new Map<string, number>();
  let spent = 0;
  const unpacking = createGate({ capacity: totalBytes / 2, maxWaiting: 200, what: 'uploads' });
  return {
    spend: async (account, bytes, run) => {
      const own = spentBy.get(account) ?? 0;
      if ((spent > 0 && spent + bytes > totalBytes) || (own > 0 && own + bytes > totalBytes / SHARE)) {
        throw new RegistryError('service.busy', 'too many uploads are in progress', { retryAfterSeconds: 2 });
      }
      spent += bytes;
      spentBy.set(account, own + bytes);
      try {
        return await run();
      } finally {
        spent -= bytes;
        const left = (spentBy.get(account) ?? 0) - bytes;
        if (left > 0) spentBy.set(account, left);
        else spentBy.delete(account);
      }
    },
    unpack: (bytes, run) => unpacking.run(bytes, run),
  };
}
