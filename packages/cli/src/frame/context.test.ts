import { describe, expect, it } from 'vitest';
import { startClock } from './context.js';

describe('startClock', () => {
  it('stands while a question waits for its answer', () => {
    let nowMs = 1000;
    let waitedMs = 50;
    const elapsed = startClock({ now: () => nowMs, ui: { waitedMs: () => waitedMs } });
    nowMs += 700;
    waitedMs += 600;
    expect(elapsed()).toBe(100);
  });
});
