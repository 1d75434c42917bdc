import { quote } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';

const FAILURES = 5;
const PAUSE_MS = 30_000;
const MAX_ORIGINS = 1_000;

/** Keeps steps from a server that has failed again and again: after five failures in a row it is left alone for 30 s. */
export interface Breaker {
  /** Throws ActionError `http.circuit_open`. After the pause one request may try. */
  assertClosed(origin: string): void;
  succeeded(origin: string): void;
  failed(origin: string): void;
}

/** `now` in milliseconds, of any beginning. */
export function createBreaker(now: () => number): Breaker {
  const origins = new Map<string, { failures: number; closedAgainAt: number }>();
  return {
    assertClosed: (origin) => {
      const state = origins.get(origin);
      if (state === undefined || state.failures < FAILURES) return;
      const waitMs = state.closedAgainAt - now();
      if (waitMs > 0) {
        throw new ActionError(
          'http.circuit_open',
          `${quote(origin)} has failed ${FAILURES} times in a row and is left alone for ${Math.ceil(waitMs / 1000)} s`,
          { retryable: true },
        );
      }
      state.closedAgainAt = now() + PAUSE_MS;
    },
    succeeded: (origin) => {
      origins.delete(origin);
    },
    failed: (origin) => {
      const { failures } = origins.get(origin) ?? { failures: 0 };
      origins.delete(origin);
      origins.set(origin, { failures: failures + 1, closedAgainAt: now() + PAUSE_MS });
      const [oldest] = origins.keys();
      if (origins.size > MAX_ORIGINS && oldest !== undefined) origins.delete(oldest);
    },
  };
}
