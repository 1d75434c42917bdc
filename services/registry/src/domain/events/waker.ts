import type { Db } from '../../db/connection.js';
import { feedHead } from '../../db/event-queries.js';

/** Wakes readers of the feed who wait for the next event. */
export interface EventWaker {
  /**
   * Resolves when there may be events after `after`, when the time is over, or when the reader has gone. False at once,
   * when too many wait already, of all readers or in the network of this one: then nobody waits.
   */
  wait(after: number, waitMs: number, reader: EventReader): Promise<boolean>;
  /** Something has happened in this process: looks at once. */
  kick(): void;
  /** Lets all readers go, now and from now on. */
  close(): Promise<void>;
}

/** Who waits. */
export interface EventReader {
  /** Aborted when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
  readonly network: string;
}

interface Waiter {
  readonly network: string;
  readonly after: number;
  readonly wake: () => void;
}

const POLL_MS = 500;
const MAX_WAITING = 500;
const MAX_OF_NETWORK = 100;

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
  const isFull = (network: string): boolean => {
    if (waiters.size >= MAX_WAITING) return true;
    let own = 0;
    for (const waiter of waiters) if (waiter.network === network) own += 1;
    return own >= MAX_OF_NETWORK;
  };
  return {
    wait: (after, waitMs, { gone, network }) =>
      new Promise((resolve) => {
        if (isClosed || gone.aborted || waitMs <= 0 || isFull(network)) {
          resolve(false);
          return;
        }
        const over = setTimeout(() => {
          waiter.wake();
        }, waitMs);
        const waiter: Waiter = {
          after,
          network,
          wake: () => {
            clearTimeout(over);
            gone.removeEventListener('abort', waiter.wake);
            remove(waiter);
            resolve(true);
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
