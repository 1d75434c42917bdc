import { RegistryError } from '../error.js';

/** Bounds the memory that uploads in progress may take together. */
export interface UploadBudget {
  /**
   * Reserves `bytes` while `run` runs.
   *
   * @throws RegistryError `service.busy` when the budget is spent: the caller comes back later, nothing was stored
   */
  spend<T>(bytes: number, run: () => Promise<T>): Promise<T>;
}

export function createUploadBudget(totalBytes: number): UploadBudget {
  let spent = 0;
  return {
    spend: async (bytes, run) => {
      if (spent > 0 && spent + bytes > totalBytes) {
        throw new RegistryError('service.busy', 'too many uploads are in progress', { retryAfterSeconds: 2 });
      }
      spent += bytes;
      try {
        return await run();
      } finally {
        spent -= bytes;
      }
    },
  };
}
