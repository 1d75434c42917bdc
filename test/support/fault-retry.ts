import { isClientError } from '@sheaf/client';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Whether an error says that the same may succeed later. */
export function isPassing(error: unknown): boolean {
  return isClientError(error) && (error.retry !== undefined || error.code.startsWith('network.'));
}

/** Does it again until it succeeds or fails for good; at most so long. */
export async function converge<T>(work: () => Promise<T>, limitMs = 20_000): Promise<T> {
  const startedMs = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || performance.now() - startedMs > limitMs) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
