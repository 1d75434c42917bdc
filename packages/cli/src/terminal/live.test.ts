import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openLive } from './live.js';
import { PLAIN } from './style.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('draws nothing while a question stands, and goes on after it', () => {
  let written = '';
  const live = openLive(
    {
      isTty: true,
      canRedraw: true,
      style: PLAIN,
      columns: () => 80,
      write: (text) => (written += String(text)),
      isClosed: () => false,
      failure: () => undefined,
      flush: () => Promise.resolve(),
    },
    500,
  );
  live.set(() => ['working']);
  const release = live.hold();
  vi.advanceTimersByTime(2000);
  expect(written).toBe('');
  release();
  vi.advanceTimersByTime(200);
  expect(written).toContain('working');
  live.hold();
  written = '';
  vi.advanceTimersByTime(2000);
  expect(written).toBe('');
  live.close();
});
