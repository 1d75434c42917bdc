import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, type HttpConnection } from './http-connection.js';

/** One thing that is done and timed, over a connection. @throws Error when it was not answered as it should be */
export type Operation = (connection: HttpConnection) => Promise<void>;

/** As many clients, each of which waits for its answer; or so many a second, whether answers come or not. */
export type LoadShape =
  | { readonly kind: 'closed'; readonly clients: number; readonly seconds?: number }
  | { readonly kind: 'open'; readonly perSecond: number };

export interface LoadResult {
  readonly operations: number;
  readonly failed: number;
  readonly firstFailure?: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface TimedLoad extends LoadResult {
  /** In the order of sending. */
  readonly latenciesMs: readonly number[];
}

const MAX_CONNECTIONS = 64;

/**
 * Does each of the operations once, in order, until they are used up or the seconds are over. In the open loop time is
 * counted from when an operation was due, so that a server that falls behind cannot hide it.
 */
export async function runLoad(
  origin: string,
  operations: readonly Operation[],
  shape: LoadShape,
): Promise<TimedLoad> {
  const size = shape.kind === 'closed' ? shape.clients : MAX_CONNECTIONS;
  const connections = await Promise.all(Array.from({ length: size }, () => openConnection(origin)));
  const latencies: number[] = [];
  let failed = 0;
  let firstFailure: string | undefined;
  const startedMs = performance.now();
  const perform = async (connection: HttpConnection, at: number, dueMs: number): Promise<void> => {
    try {
      await operations[at]?.(connection);
    } catch (error) {
      failed += 1;
      firstFailure ??= (error as Error).message;
    }
    latencies[at] = performance.now() - dueMs;
  };
  try {
    if (shape.kind === 'open') await openLoop(connections, operations.length, shape.perSecond, perform);
    else {
      const endMs = startedMs + (shape.seconds ?? Infinity) * 1000;
      let next = 0;
      const client = async (connection: HttpConnection): Promise<void> => {
        while (next < operations.length && performance.now() < endMs)
          await perform(connection, next++, performance.now());
      };
      await Promise.all(connections.map(client));
    }
  } finally {
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - startedMs;
  return {
    operations: latencies.length,
    failed,
    ...(firstFailure === undefined ? {} : { firstFailure }),
    perSecond: ((latencies.length - failed) * 1000) / elapsedMs,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    latenciesMs: latencies,
  };
}

/** Each operation begins when it is due, on a connection that is free or as soon as one is. */
async function openLoop(
  connections: readonly HttpConnection[],
  count: number,
  perSecond: number,
  perform: (connection: HttpConnection, at: number, dueMs: number) => Promise<void>,
): Promise<void> {
  const free = [...connections];
  const waiting: ((connection: HttpConnection) => void)[] = [];
  const take = () => free.pop() ?? new Promise<HttpConnection>((resolve) => waiting.push(resolve));
  const startedMs = performance.now();
  const pending: Promise<void>[] = [];
  for (let at = 0; at < count; at += 1) {
    const dueMs = startedMs + (at / perSecond) * 1000;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 0) await sleep(earlyMs);
    pending.push(
      (async () => {
        const connection = await take();
        await perform(connection, at, dueMs);
        const waiter = waiting.shift();
        if (waiter) waiter(connection);
        else free.push(connection);
      })(),
    );
  }
  await Promise.all(pending);
}

/** The value below which that part of the values lies; NaN without values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
