import type { Db } from '../../db/connection.js';
import { feedHead } from '../../db/event-queries.js';
import { RegistryError } from '../error.js';

/** Wakes readers of the feed who wait for the next event. */
export interface EventWaker {
  /**
   * Resolves when there may be events after `after`, when the time is over, or when the reader has gone.
   *
   * @throws RegistryError `service.busy` when too many wait already
   */
  wait(after: number, waitMs: number, gone: AbortSignal): Promise<void>;
  /** Something has happened in this process: looks at once. */
  kick(): void;
  /** Lets all readers go, now and from now on. */
  close(): Promise<void>;
}

interface Waiter {
  readonly after: number;
  readonly wake: () => void;
}

const POLL_MS = 500;
const MAX_WAITING = 500;
const RETRY_AFTER_SECONDS = 5;

/** However many wait, the database is asked once in a while, and by nobody when nobody waits. */
export function createEventWaker({ db }: { readonly db: Db }): EventWaker {
  const waiters = new Set<Waiter>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isClosed = false;

  const look = async () => {
    try {
      const { numbered, waiting } = await feedHead(db);
      for (const waiter of [...waiters]) if (waiting || numbered > waiter.after) waiter.wake();
    } catch {
      // Each asks the database itself then, and tells its reader what is wrong.
      for (const waiter of [...waiters]) waiter.wake();
    }
  };
  const lookOnce = () => {
    if (waiters.size === 0) return;
    looking ??= look().finally(() => {
      looking = undefined;
    });
  };
  const add = (waiter: Waiter) => {
    waiters.add(waiter);
    timer ??= setInterval(lookOnce, POLL_MS);
  };
  const remove = (waiter: Waiter) => {
    waiters.delete(waiter);
    if (waiters.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    wait: (after, waitMs, gone) =>
      new Promise((resolve, reject) => {
        if (isClosed || gone.aborted || waitMs <= 0) {
          resolve();
          return;
        }
        if (waiters.size >= MAX_WAITING) {
          reject(
            new RegistryError('service.busy', 'too many readers wait for events', {
              retryAfterSeconds: RETRY_AFTER_SECONDS,
            }),
          );
          return;
        }
        const over = setTimeout(() => {
          waiter.wake();
        }, waitMs);
        const waiter: Waiter = {
          after,
          wake: () => {
            clearTimeout(over);
            gone.removeEventListener('abort', waiter.wake);
            remove(waiter);
            resolve();
          },
        };
        gone.addEventListener('abort', waiter.wake, { once: true });
        add(waiter);
      }),
    kick: lookOnce,
    close: async () => {
      isClosed = true;
      for (const waiter of [...waiters]) waiter.wake();
      await looking;
    },
  };
}
