import { RegistryError } from '../error.js';
import { createGate } from '../gate.js';

/** Bounds the memory that uploads may take together, and how much of it one account may. */
export interface UploadBudget {
  /**
   * Gives `run` a function that counts bytes as they arrive, until it has ended. An account has a share at most, and less
   * the more others have.
   *
   * @throws RegistryError `service.busy` from that function when there is no room: the caller comes back later, nothing
   *   was stored
   */
  spend<T>(account: string, run: (arrived: (bytes: number) => void) => Promise<T>): Promise<T>;
  /** Runs when there is room for an archive that unpacks to `bytes`; the compressed one is small and may wait. */
  unpack<T>(bytes: number, run: () => Promise<T>): Promise<T>;
}

const SHARE = 4;

export function createUploadBudget(totalBytes: number): UploadBudget {
  const spentBy = new Map<string, number>();
  let spent = 0;
  const unpacking = createGate({ capacity: totalBytes / 2, maxWaiting: 200, what: 'uploads' });

  const spend = (account: string, bytes: number) => {
    const own = spentBy.get(account) ?? 0;
    // Half of what the others leave: however many take all they can, something is left for the next one.
    const share = Math.min(totalBytes / SHARE, (totalBytes - (spent - own)) / 2);
    if (own + bytes > share)
      throw new RegistryError('service.busy', 'too many uploads are in progress', {
        retryAfterSeconds: 2,
        // What is still being sent is not read.
        headers: { Connection: 'close' },
      });
    spent += bytes;
    spentBy.set(account, own + bytes);
  };
  const giveBack = (account: string, bytes: number) => {
    spent -= bytes;
    const left = (spentBy.get(account) ?? 0) - bytes;
    if (left > 0) spentBy.set(account, left);
    else spentBy.delete(account);
  };

  return {
    spend: async (account, run) => {
      let arrived = 0;
      try {
        return await run((bytes) => {
          spend(account, bytes);
          arrived += bytes;
        });
      } finally {
        giveBack(account, arrived);
      }
    },
    unpack: (bytes, run) => unpacking.run(bytes, run),
  };
}
