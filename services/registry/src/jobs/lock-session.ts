import { setMaxListeners } from 'node:events';
import { sql, type Kysely } from 'kysely';
import type { Db } from '../db/connection.js';
import type { Database } from '../db/schema.js';

/** A lock that this process holds. */
export interface HeldLock {
  /** Aborted when the connection that held the lock is gone: another process may have the lock by then. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Advisory locks of the database, by name. */
export interface LockSession {
  /** Takes a lock unless another session holds it; nobody asks twice for one that this session holds. */
  tryLock(name: string): Promise<HeldLock | undefined>;
  /** Gives the connection back, and with it all locks. */
  close(): Promise<void>;
}

interface Session {
  readonly connection: Promise<Kysely<Database>>;
  readonly lost: AbortController;
  readonly end: () => void;
  readonly ended: Promise<void>;
  readonly watch: NodeJS.Timeout;
}

const PING_EVERY_MS = 5_000;
const PING_TIMEOUT_MS = 5_000;

/**
 * Session locks need a connection that is held as long as they are: all locks of a process share one, which is taken out
 * of the pool while there is any lock. A server that sits between and hands connections out by transaction cannot be used
 * for this.
 */
export function openLockSession(db: Db): LockSession {
  let session: Session | undefined;
  let held = 0;

  const giveBack = (which: Session) => {
    if (session !== which || held > 0) return;
    session = undefined;
    closeSession(which);
  };
  return {
    tryLock: async (name) => {
      const mine = (session ??= openSession(db, (broken) => {
        if (session === broken) session = undefined;
        held = 0;
      }));
      held += 1;
      const leave = () => {
        if (session === mine) held -= 1;
        giveBack(mine);
      };
      try {
        const { rows } = await sql<{ locked: boolean }>`
          select pg_try_advisory_lock(hashtextextended(${lockName(name)}, 0)) as locked`.execute(
          await mine.connection,
        );
        if (rows[0]?.locked !== true) {
          leave();
          return undefined;
        }
      } catch (error) {
        breakSession(mine, error);
        leave();
        throw error;
      }
      return {
        lost: mine.lost.signal,
        release: async () => {
          try {
            await sql`select pg_advisory_unlock(hashtextextended(${lockName(name)}, 0))`.execute(
              await mine.connection,
            );
          } catch (error) {
            // With the connection the lock is gone as well.
            breakSession(mine, error);
          }
          leave();
        },
      };
    },
    close: async () => {
      const last = session;
      session = undefined;
      if (!last) return;
      closeSession(last);
      await last.ended;
    },
  };
}

const lockName = (name: string) => `sheaf job ${name}`;

function openSession(db: Db, onLost: (session: Session) => void): Session {
  const lost = new AbortController();
  // Whoever holds a lock listens, however many do.
  setMaxListeners(0, lost.signal);
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  let ended = Promise.resolve();
  const connection = new Promise<Kysely<Database>>((resolve, reject) => {
    ended = db
      .connection()
      .execute(async (one) => {
        resolve(one);
        await done;
        // A connection never goes back to the pool with a lock on it; one that is broken is not used again.
        await sql`select pg_advisory_unlock_all()`.execute(one).catch(() => undefined);
      })
      .catch(reject);
  });
  connection.catch(() => undefined);
  const session: Session = {
    connection,
    lost,
    end,
    ended,
    watch: setInterval(() => void ping(session), PING_EVERY_MS),
  };
  lost.signal.addEventListener('abort', () => {
    onLost(session);
    closeSession(session);
  });
  return session;
}

async function ping(session: Session): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the database does not answer on the connection that holds the locks'));
    }, PING_TIMEOUT_MS);
  });
  try {
    await Promise.race([sql`select 1`.execute(await session.connection), late]);
  } catch (error) {
    breakSession(session, error);
  } finally {
    clearTimeout(timer);
  }
}

function breakSession(session: Session, error: unknown): void {
  session.lost.abort(error);
}

function closeSession(session: Session): void {
  clearInterval(session.watch);
  session.end();
}
