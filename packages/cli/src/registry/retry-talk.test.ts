import { describe, expect, it } from 'vitest';
import { createRetryTalk } from './retry-talk.js';

const pause = (attempt: number, delayMs: number, message = 'it is away') => ({
  attempt,
  retries: 3,
  delayMs,
  error: { message },
});

describe('createRetryTalk', () => {
  it('tells each attempt once when two requests fail side by side', () => {
    let nowMs = 0;
    const talk = createRetryTalk(() => nowMs);
    const told = [
      [0, 1, 900],
      [2, 1, 600],
      [603, 2, 1500],
      [903, 2, 700],
      [1604, 3, 900],
      [2104, 3, 900],
    ].map(([atMs = 0, attempt = 0, delayMs = 0]) => {
      nowMs = atMs;
      return talk(pause(attempt, delayMs)) !== undefined;
    });
    expect(told).toEqual([true, false, true, false, true, false]);
  });

  it('tells the first attempt again of a request that comes later', () => {
    let nowMs = 0;
    const talk = createRetryTalk(() => nowMs);
    expect(talk(pause(1, 500))).toBe('it is away; trying again in 0.5 s (1 of 3)');
    nowMs = 500;
    expect(talk(pause(1, 500))).toBe('it is away; trying again in 0.5 s (1 of 3)');
  });

  it('gives the reason again only when it is another', () => {
    let nowMs = 0;
    const talk = createRetryTalk(() => nowMs);
    const lines = ['it is away', 'it is away', 'it is busy\u001b[2J'].map((message, i) => {
      nowMs += 1000;
      return talk(pause(i + 1, 500, message));
    });
    expect(lines).toEqual([
      'it is away; trying again in 0.5 s (1 of 3)',
      '  still; trying again in 0.5 s (2 of 3)',
      String.raw`it is busy\u{1b}[2J; trying again in 0.5 s (3 of 3)`,
    ]);
  });
});
