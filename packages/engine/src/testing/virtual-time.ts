import type { Time } from '../ports.js';

/** Time that passes at once: it jumps to the next timer when all that happens now has happened. */
export function virtualTime(startMs = 0): Time {
  let nowMs = startMs;
  let count = 0;
  let ticking = false;
  const timers: { readonly at: number; readonly order: number; readonly act: () => void }[] = [];
  const tick = (): void => {
    ticking = false;
    const next = timers.shift();
    if (next === undefined) return;
    nowMs = Math.max(nowMs, next.at);
    next.act();
    keepTicking();
  };
  const keepTicking = (): void => {
    if (ticking || timers.length === 0) return;
    ticking = true;
    setImmediate(tick);
  };
  return {
    now: () => nowMs,
    after: (delayMs, act) => {
      const timer = { at: nowMs + delayMs, order: (count += 1), act };
      const place = findPlace(timers, timer);
      timers.splice(place, 0, timer);
      keepTicking();
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
  };
}

/** Where a timer belongs: behind those that come before it, and behind those of the same time that were set before. */
function findPlace(
  timers: readonly { readonly at: number; readonly order: number }[],
  timer: { readonly at: number },
): number {
  let [low, high] = [0, timers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timers[middle]?.at ?? 0) <= timer.at) low = middle + 1;
    else high = middle;
  }
  return low;
}
