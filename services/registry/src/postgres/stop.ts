import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresError } from './errors.js';
import { isAlive, type ProcessIdentity } from './process.js';

const POLL_MS = 10;
const FAST_PATIENCE_MS = 30_000;
const IMMEDIATE_PATIENCE_MS = 15_000;

/**
 * Stops a server and resolves when its process is gone; one that is gone already is a success. First the fast shutdown
 * (SIGINT: connections are cut, everything is written), then, when that takes longer than 30 seconds or with `immediate`,
 * the immediate one (SIGQUIT: the next start replays the log). Error: `postgres.stop_failed`.
 */
export async function stopServer(
  server: ProcessIdentity,
  options: { readonly immediate?: boolean } = {},
): Promise<void> {
  if (options.immediate !== true && (await signalAndWait(server, 'SIGINT', FAST_PATIENCE_MS))) return;
  if (await signalAndWait(server, 'SIGQUIT', IMMEDIATE_PATIENCE_MS)) return;
  throw new PostgresError('postgres.stop_failed', `PostgreSQL process ${server.pid} does not stop`, {
    hint: `stop process ${server.pid} by hand`,
  });
}

async function signalAndWait(
  server: ProcessIdentity,
  signal: 'SIGINT' | 'SIGQUIT',
  patienceMs: number,
): Promise<boolean> {
  if (!(await isAlive(server))) return true;
  try {
    process.kill(server.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw new PostgresError(
      'postgres.stop_failed',
      `PostgreSQL process ${server.pid} belongs to another user`,
      {
        hint: `stop process ${server.pid} as the user who started it`,
        cause: error,
      },
    );
  }
  const started = performance.now();
  while (performance.now() - started < patienceMs) {
    if (!(await isAlive(server))) return true;
    await sleep(POLL_MS);
  }
  return false;
}
