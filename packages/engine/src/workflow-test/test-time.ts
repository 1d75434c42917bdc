import type { Time } from '../ports.js';

/** Time that passes at once, but not while something does real work. */
export interface TestTime extends Time {
  /** Stops the time; what it returns lets it go on. */
  readonly hold: () => () => void;
  /** Nothing is to come by itself: no timer is set, and nothing holds the time. */
  readonly isIdle: () => boolean;
}

/** Time that jumps to the next timer when all that happens now has happened. */
export function createTestTime(startMs: number): TestTime {
  let nowMs = startMs;
  let count = 0;
  let held = 0;
  let ticking = false;
  const timers: { readonly at: number; readonly order: number; readonly act: () => void }[] = [];
  const tick = (): void => {
    ticking = false;
    if (held > 0) return;
    const next = timers.shift();
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.at);
    next.act();
    keepTicking();
  };
  const keepTicking = (): void => {
    if (ticking || held > 0 || timers.length === 0) return;
    ticking = true;
    setImmediate(tick);
  };
  return {
    now: () => nowMs,
    isIdle: () => held === 0 && timers.length === 0,
    hold: () => {
      held += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        held -= 1;
        keepTicking();
      };
    },
    after: (delayMs, act) => {
      const timer = { at: nowMs + delayMs, order: (count += 1), act };
      const later = timers.findIndex((each) => each.at > timer.at);
      timers.splice(later === -1 ? timers.length : later, 0, timer);
      keepTicking();
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
  };
}
