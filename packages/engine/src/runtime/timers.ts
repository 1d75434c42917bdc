import type { Time } from '../ports.js';

/** The longest that a timer of Node can be; a longer time takes several. */
const LONGEST_MS = 2 ** 31 - 1;

/** Tells when times come that steps wait for. A time that is past comes at once. */
export interface Timers {
  /** Takes the place of an earlier time of the step. */
  set(step: string, attempt: number, until: number): void;
  drop(step: string): void;
  clear(): void;
}

export function createTimers(time: Time, wake: (step: string, attempt: number) => void): Timers {
  const pending = new Map<string, () => void>();
  const set = (step: string, attempt: number, until: number): void => {
    pending.get(step)?.();
    const left = Math.max(0, until - time.now());
    const cancel = time.after(Math.min(left, LONGEST_MS), () => {
      pending.delete(step);
      // The clock of the machine may have been set back, or the time was too far away for one timer.
      if (time.now() < until) set(step, attempt, until);
      else wake(step, attempt);
    });
    pending.set(step, cancel);
  };
  return {
    set,
    drop: (step) => {
      pending.get(step)?.();
      pending.delete(step);
    },
    clear: () => {
      for (const cancel of pending.values()) cancel();
      pending.clear();
    },
  };
}
