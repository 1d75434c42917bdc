import type { Closable } from './close-stack.js';

/** Does something again and again, one at a time however long it takes; closing waits for the one in progress. */
export function startTicking(everyMs: number, work: () => Promise<void>): Closable {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work().finally(() => {
      running = undefined;
    });
  }, everyMs);
  return {
    close: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
