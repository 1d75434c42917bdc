import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Requests at a rate, whether answers come or not; or as many clients, each of which waits for its answer. */
export type LoadShape =
  | { readonly kind: 'open'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'closed'; readonly clients: number; readonly seconds: number };

export interface SearchLoadOptions {
  /** Of the registry, such as `http://127.0.0.1:7433`. */
  readonly url: string;
  /** Each is sent once, in order; when they are used up the load ends. */
  readonly queries: readonly string[];
  readonly shape: LoadShape;
  /** Path and query of a search for a text; that of Sheaf unless given. */
  readonly pathOf?: (query: string) => string;
  /** Processor time that the servers have used so far, in ms, such as the sum of their processes'. */
  readonly serversCpuMs?: () => number;
}

export interface SearchLoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly serversCpuMsPerRequest: number | undefined;
}

const MAX_CONNECTIONS = 64;

/**
 * Searches over HTTP and times each answer. In the open loop time is counted from when a request was due, so that a server
 * that falls behind cannot hide it. The client is a bare socket: it must leave the processors to what is measured.
 */
export async function runSearchLoad(options: SearchLoadOptions): Promise<SearchLoadResult> {
  const {
    queries,
    shape,
    pathOf = (query: string) => `/v1/workflows?q=${encodeURIComponent(query)}`,
  } = options;
  const url = new URL(options.url);
  const size = shape.kind === 'closed' ? shape.clients : MAX_CONNECTIONS;
  const connections = await Promise.all(Array.from({ length: size }, () => connect(url)));
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const cpuBefore = options.serversCpuMs?.();
  const startedMs = performance.now();
  const endMs = startedMs + shape.seconds * 1000;

  const ask = async (connection: Connection, query: string, dueMs: number): Promise<void> => {
    const status = await connection.get(pathOf(query));
    times.push(performance.now() - dueMs);
    if (status !== 200) failed += 1;
  };
  const clientOf = async (connection: Connection): Promise<void> => {
    for (
      let query = queries[next++];
      query !== undefined && performance.now() < endMs;
      query = queries[next++]
    )
      await ask(connection, query, performance.now());
  };
  if (shape.kind === 'closed') await Promise.all(connections.map(clientOf));
  else await openLoop(shape, connections, () => queries[next++], ask);

  const elapsedMs = performance.now() - startedMs;
  const cpuAfter = options.serversCpuMs?.();
  for (const connection of connections) connection.close();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    requests: times.length,
    failed,
    perSecond: (times.length / elapsedMs) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    serversCpuMsPerRequest:
      cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / times.length,
  };
}

/** A request is sent when it is due, on a connection that is free or as soon as one is. */
async function openLoop(
  { perSecond, seconds }: Extract<LoadShape, { kind: 'open' }>,
  connections: readonly Connection[],
  nextQuery: () => string | undefined,
  ask: (connection: Connection, query: string, dueMs: number) => Promise<void>,
): Promise<void> {
  const free = [...connections];
  const waiting: ((connection: Connection) => void)[] = [];
  const pending: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const query = nextQuery();
    if (query === undefined) break;
    const dueMs = startedMs + (i / perSecond) * 1000;
    const early = dueMs - performance.now();
    if (early > 0) await sleep(early);
    pending.push(
      (async () => {
        const connection = free.pop() ?? (await new Promise<Connection>((resolve) => waiting.push(resolve)));
        await ask(connection, query, dueMs);
        const waiter = waiting.shift();
        if (waiter) waiter(connection);
        else free.push(connection);
      })(),
    );
  }
  await Promise.all(pending);
}

interface Connection {
  /** Status of the answer, once all of its body is here. */
  get(path: string): Promise<number>;
  close(): void;
}

/** HTTP/1.1 as far as our answers and those of the peers need it: kept alive, with a `Content-Length`. */
async function connect(url: URL): Promise<Connection> {
  const socket = createConnection({ host: url.hostname, port: Number(url.port) });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.setNoDelay(true);
  let answered: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  let received: Buffer[] = [];
  let size = 0;
  let expected: { status: number; total: number } | undefined;
  socket.on('data', (chunk) => {
    received.push(chunk);
    size += chunk.length;
    expected ??= readHead(received.length === 1 ? chunk : Buffer.concat(received));
    if (!expected || size < expected.total) return;
    const { status } = expected;
    received = [];
    size = 0;
    expected = undefined;
    answered?.resolve(status);
  });
  failOn(socket, (error) => answered?.reject(error));
  return {
    get: (path) =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject };
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: application/json\r\n\r\n`);
      }),
    close: () => socket.destroy(),
  };
}

function failOn(socket: Socket, fail: (error: Error) => void): void {
  socket.on('error', fail);
  socket.on('close', () => {
    fail(new Error('the server closed the connection'));
  });
}

function readHead(bytes: Buffer): { status: number; total: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error('the answer has no Content-Length');
  return { status: Number(head.slice(9, 12)), total: end + 4 + Number(length) };
}
