import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded.js';
import { PostgresError } from './errors.js';

/** What happened to a server that is kept running. */
export type KeptReport =
  | { readonly type: 'ended' }
  /** It is started again all the same; if it does live, that one is taken over. */
  | { readonly type: 'stop_failed'; readonly error: unknown }
  /** It is tried again after `retryInMs`. */
  | { readonly type: 'start_failed'; readonly error: unknown; readonly retryInMs: number }
  | { readonly type: 'runs_again'; readonly afterMs: number }
  | { readonly type: 'lost'; readonly error: PostgresError };

export interface KeepOptions extends Omit<EmbeddedPostgresOptions, 'port' | 'signal' | 'knownPassword'> {
  readonly report: (report: KeptReport) => void;
  /** How long another process may have the port before the server is given up; a minute unless given. */
  readonly portPatienceMs?: number;
}

export interface KeepDeps {
  readonly start: typeof startEmbeddedPostgres;
}

export interface KeptPostgres {
  /** Connection URL with the password: a secret. It stays the same. */
  readonly url: string;
  /** Resolves when it is given up: another process has its port, and those who are connected know no other. */
  readonly lost: Promise<PostgresError>;
  /** Stops the server, or the attempts to start it again, and resolves when it is gone. */
  stop(): Promise<void>;
}

const FIRST_BREAK_MS = 50;
const LONGEST_BREAK_MS = 10_000;
/** A server that ran for so long did not end of how it was started. */
const SETTLED_MS = 10_000;

const PORT_PATIENCE_MS = 60_000;

/**
 * As {@link startEmbeddedPostgres}, and starts the server again, on the same port, when it ends without being told to: somebody
 * killed it, or the system did for want of memory. Those who are connected lose their connections and make new ones. It is
 * tried for as long as it takes, after longer and longer breaks of 10 seconds at most; only while another process has the
 * port, for no longer than `portPatienceMs`. A cluster that is gone, or another one than before, is waited for: what is
 * started again is never a new one.
 *
 * @throws PostgresError when the first start fails
 */
export async function keepPostgresRunning(
  { report, portPatienceMs = PORT_PATIENCE_MS, ...options }: KeepOptions,
  { start }: KeepDeps = { start: startEmbeddedPostgres },
): Promise<KeptPostgres> {
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
  let giveUp: (error: PostgresError) => void = () => undefined;
  const lost = new Promise<PostgresError>((resolve) => {
    giveUp = resolve;
  });
  let server = await start(options);
  const { url, port, password } = server;
  const settings = { ...options, port, signal, knownPassword: password };

  /** The error for which it is given up, if it is. */
  const startAgain = async (firstBreakMs: number): Promise<PostgresError | undefined> => {
    let takenSinceMs: number | undefined;
    for (let breakMs = firstBreakMs; ; breakMs = Math.min(breakMs * 2, LONGEST_BREAK_MS)) {
      await sleep(breakMs, undefined, { signal });
      try {
        server = await start(settings);
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        const nowMs = performance.now();
        takenSinceMs = isPortTaken(error) ? (takenSinceMs ?? nowMs) : undefined;
        if (takenSinceMs !== undefined && nowMs - takenSinceMs >= portPatienceMs)
          return portLost(port, error);
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
      await server.stop().catch((error: unknown) => {
        report({ type: 'stop_failed', error });
      });
      breakMs = endedMs - startedMs < SETTLED_MS ? Math.min(breakMs * 2, LONGEST_BREAK_MS) : FIRST_BREAK_MS;
      const error = await startAgain(breakMs);
      if (error !== undefined) {
        report({ type: 'lost', error });
        giveUp(error);
        return;
      }
      report({ type: 'runs_again', afterMs: performance.now() - endedMs });
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

  return {
    url,
    lost,
    stop: async () => {
      stopping.abort();
      try {
        await watching;
      } finally {
        await server.stop();
      }
    },
  };
}

function isPortTaken(error: unknown): boolean {
  return error instanceof PostgresError && error.code === 'postgres.port_taken';
}

function portLost(port: number, cause: unknown): PostgresError {
  return new PostgresError(
    'postgres.port_taken',
    `another process has port ${port}, on which the private database was`,
    { hint: 'start the service again: its database then takes a port that is free', cause },
  );
}
