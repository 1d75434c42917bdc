import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Whoever does not answer is not waited for any longer. */
const PATIENCE_MS = 1_000;

/**
 * A way to end a pool that resolves when the server has let go of every connection. `end` of node-postgres asks each of
 * them to end and waits for none, and a server that is stopped meanwhile cuts them off, which looks like a failure.
 * To be called before the pool is used.
 */
export function endingOf(pool: pg.Pool): () => Promise<void> {
  const open = new Set<pg.PoolClient>();
  let noticed: () => void = () => undefined;
  pool.on('connect', (client) => {
    open.add(client);
  });
  pool.on('remove', (client) => {
    open.delete(client);
    if (open.size === 0) noticed();
  });
  return async () => {
    const released = new Promise<void>((resolve) => {
      noticed = resolve;
    });
    await pool.end();
    if (open.size === 0) return;
    const patience = new AbortController();
    await Promise.race([
      released,
      sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  };
}
