import type { Runtime } from './runtime.js';

/** Owns a run for the time of some work, so that nobody goes on with it. Throws EngineError `run.not_found`, `run.active`. */
export async function whileIdle<T>(
  runtime: Pick<Runtime, 'store' | 'owner' | 'isAlive'>,
  runId: string,
  act: () => Promise<T>,
): Promise<T> {
  runtime.store.claim(runId, runtime.owner, runtime.isAlive);
  try {
    return await act();
  } finally {
    runtime.store.release(runId, runtime.owner);
  }
}
