import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded.js';

/** What happened to a server that is kept running. */
export type KeptReport =
  | { readonly type: 'ended' }
  /** It is tried again after `retryInMs`. */
  | { readonly type: 'start_failed'; readonly error: unknown; readonly retryInMs: number }
  | { readonly type: 'runs_again'; readonly afterMs: number };

export interface KeepOptions extends Omit<EmbeddedPostgresOptions, 'port' | 'signal'> {
  readonly report: (report: KeptReport) => void;
}

export interface KeptPostgres {
  /** Connection URL with the password: a secret. It stays the same. */
  readonly url: string;
  /** Stops the server, or the attempts to start it again, and resolves when it is gone. */
  stop(): Promise<void>;
}

const FIRST_BREAK_MS = 50;
const LONGEST_BREAK_MS = 10_000;
/** A server that ran for so long did not end of how it was started. */
const SETTLED_MS = 10_000;

/**
 * As {@link startEmbeddedPostgres}, and starts the server again, on the same port, when it ends without being told to: somebody
 * killed it, or the system did for want of memory. Those who are connected lose their connections and make new ones. It is
 * tried for as long as it takes, after longer and longer breaks of 10 seconds at most.
 *
 * @throws PostgresError when the first start fails
 */
export async function keepPostgresRunning({ report, ...options }: KeepOptions): Promise<KeptPostgres> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
  let server = await startEmbeddedPostgres(options);
  const { url, port } = server;

  const startAgain = async (firstBreakMs: number): Promise<void> => {
    for (let breakMs = firstBreakMs; ; breakMs = Math.min(breakMs * 2, LONGEST_BREAK_MS)) {
      await sleep(breakMs, undefined, { signal });
      try {
        server = await startEmbeddedPostgres({ ...options, port, signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        report({ type: 'start_failed', error, retryInMs: Math.min(breakMs * 2, LONGEST_BREAK_MS) });
      }
    }
  };
  const watch = async (): Promise<void> => {
    let breakMs = FIRST_BREAK_MS;
    for (;;) {
      const startedMs = performance.now();
      await Promise.race([server.ended, stopped]);
      signal.throwIfAborted();
      const endedMs = performance.now();
      report({ type: 'ended' });
      // It is gone: what is left of it here is forgotten.
      await server.stop();
      breakMs = endedMs - startedMs < SETTLED_MS ? Math.min(breakMs * 2, LONGEST_BREAK_MS) : FIRST_BREAK_MS;
      await startAgain(breakMs);
      report({ type: 'runs_again', afterMs: performance.now() - endedMs });
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

  return {
    url,
    stop: async () => {
      stopping.abort();
      await watching;
      await server.stop();
    },
  };
}
