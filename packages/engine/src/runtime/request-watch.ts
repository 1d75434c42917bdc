import type { JournalEvent } from '../core/events.js';
import type { RunStore } from '../stores/sqlite/run-store.js';

/** How often the owner of a run looks whether somebody wants something of it. */
export const WATCH_MS = 150;

/** What others ask of a run that this process drives: that it ends, as signals; and events that are sent to it. */
export interface RequestWatch {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  /** Hands on what is sent to the run; what it returns ends that. */
  readonly listen: (receive: (event: JournalEvent) => void) => () => void;
  readonly close: () => void;
}

/** Looks into the store for what is asked of a run. A store that fails then fails the run by itself, at its next event. */
export function watchRequests(store: RunStore, runId: string): RequestWatch {
  const stop = new AbortController();
  const kill = new AbortController();
  let receive: ((event: JournalEvent) => void) | undefined;
  let last = 0;
  const look = (): void => {
    const request = store.findCancelRequest(runId);
    if (request !== undefined) stop.abort();
    if (request === 'kill') kill.abort();
    if (receive === undefined) return;
    for (const { id, source, data } of store.readInbox(runId, last)) {
      last = id;
      receive({ type: 'event.received', event: String(id), eventSource: source, data });
    }
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      clearInterval(timer);
    }
  }, WATCH_MS);
  return {
    stop: stop.signal,
    kill: kill.signal,
    listen: (take) => {
      receive = take;
      return () => {
        receive = undefined;
      };
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
