import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

/** The channel on which processes tell each other what has changed. */
export const CHANGES_CHANNEL = 'sheaf';

export interface ListenerOptions {
  readonly url: string;
  readonly onNotification: (payload: string) => void;
  /** Called whenever it begins to listen, the first time too: what was told before that is unknown. */
  readonly onListening: () => void;
  /** Called once for each time that it stops to listen. */
  readonly onLost: (error: unknown) => void;
}

export interface Listener {
  /** Whether what is told arrives now. */
  readonly isListening: boolean;
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A connection that is silent is asked for a sign of life so often, for one that was cut off says nothing. */
const CHECK_INTERVAL_MS = 5_000;
const CHECK_TIMEOUT_MS = 5_000;

/** Listens on a connection of its own for as long as it is open, and connects again when that breaks. */
export function startListener(options: ListenerOptions): Listener {
  const stopping = new AbortController();
  let isListening = false;

  /** Ends with the connection. */
  const listen = async (connection: pg.Client, ended: AbortSignal): Promise<void> => {
    await connection.connect();
    await connection.query(`listen ${CHANGES_CHANNEL}`);
    isListening = true;
    options.onListening();
    while (!ended.aborted) {
      await sleep(CHECK_INTERVAL_MS, undefined, { signal: ended });
      await connection.query('select 1');
    }
  };

  const connectOnce = async (): Promise<void> => {
    const ended = new AbortController();
    const connection = new pg.Client({
      connectionString: options.url,
      connectionTimeoutMillis: 5_000,
      query_timeout: CHECK_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'sheaf-registry changes',
    });
    const end = (reason: unknown) => {
      ended.abort(reason);
    };
    connection.on('error', end);
    connection.on('end', () => {
      end(new Error('the connection ended'));
    });
    connection.on('notification', ({ payload }) => {
      options.onNotification(payload ?? '');
    });
    stopping.signal.addEventListener('abort', end, { once: true });
    try {
      await listen(connection, ended.signal);
    } finally {
      stopping.signal.removeEventListener('abort', end);
      connection.end().catch(() => undefined);
    }
  };

  const run = async (): Promise<void> => {
    let retryMs = FIRST_RETRY_MS;
    while (!stopping.signal.aborted) {
      await connectOnce().catch((error: unknown) => {
        if (!stopping.signal.aborted) options.onLost(error);
      });
      if (isListening) retryMs = FIRST_RETRY_MS;
      isListening = false;
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    }
  };
  const running = run();

  return {
    get isListening() {
      return isListening;
    },
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}
