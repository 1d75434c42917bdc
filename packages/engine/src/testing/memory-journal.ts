import type { RunEvent } from '../core/events.js';
import type { Journal } from '../ports.js';

/** A journal in memory, which a test can read and make fail. */
export function memoryJournal(
  runId: string,
  failAt = Number.POSITIVE_INFINITY,
): Journal & { readonly events: readonly RunEvent[] } {
  const kept: RunEvent[] = [];
  return {
    events: kept,
    append: (events) => {
      if (kept.length + events.length > failAt) return Promise.reject(new Error('the disk is full'));
      const stored = events.map((event, index): RunEvent => ({
        ...event,
        runId,
        seq: kept.length + index,
        at: 0,
      }));
      kept.push(...stored);
      return Promise.resolve(stored);
    },
  };
}
