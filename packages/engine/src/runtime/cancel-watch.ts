import type { RunStore } from '../stores/sqlite/run-store.js';

/** How often the owner of a run looks whether somebody wants it ended. */
export const WATCH_MS = 150;

/** What others ask of a run that this process drives, as signals. */
export interface CancelWatch {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  readonly close: () => void;
}

/** Looks into the store for requests to cancel a run. A store that fails then fails the run by itself, at its next event. */
export function watchCancel(store: RunStore, runId: string): CancelWatch {
  const stop = new AbortController();
  const kill = new AbortController();
  const timer = setInterval(() => {
    try {
      const request = store.findCancelRequest(runId);
      if (request !== undefined) stop.abort();
      if (request === 'kill') kill.abort();
    } catch {
      clearInterval(timer);
    }
  }, WATCH_MS);
  timer.unref();
  return {
    stop: stop.signal,
    kill: kill.signal,
    close: () => {
      clearInterval(timer);
    },
  };
}
