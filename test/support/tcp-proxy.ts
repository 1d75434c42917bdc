import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** To the server, or back from it. */
type Direction = 'request' | 'answer';

/**
 * What happens, once, to the first connection on which it applies.
 *
 * - `cut`: both ends are closed; `reset`: both are reset; `stall`: neither gets anything until `heal`.
 */
export interface Fault {
  readonly how: 'cut' | 'reset' | 'stall';
  readonly direction: Direction;
  /** Bytes of this direction, over all connections and from now on, that pass before it. Default 0. */
  readonly afterBytes?: number;
  /**
   * Only from the first request on in which this text stands, or which runs a statement of PostgreSQL with this text that was
   * named before; its bytes do not count.
   */
  readonly request?: string;
  /** Of the requests with that text, the how many-th; the first unless given. */
  readonly nth?: number;
}

/** Bytes that have passed since the last fault was set. */
interface Passed {
  readonly request: number;
  readonly answer: number;
}

export interface TcpProxy {
  readonly port: number;
  /** Where new connections lead. */
  leadTo(port: number): void;
  /** Sets a fault; resolves when it has happened. */
  fail(fault: Fault): Promise<void>;
  /** Delays each chunk in both directions. */
  delay(ms: number): void;
  /** Ends all connections and takes no new ones, as a server that is down. */
  down(): void;
  /** Lets everything pass: no fault, no delay, connections are taken again, and what was stalled goes on. */
  heal(): void;
  passed(): Passed;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

interface Armed {
  readonly fault: Fault;
  readonly happened: () => void;
  /** Requests with the text so far. */
  seen: number;
  /** The connection on which the text was seen. */
  on: Pair | undefined;
}

/** Stands on a port of its own before a server on loopback. */
export async function startTcpProxy(upstreamPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const passed = { request: 0, answer: 0 };
  let upstream = upstreamPort;
  let armed: Armed | undefined;
  let delayMs = 0;
  let isDown = false;
  let held: (() => void)[] = [];
  let isStalled = false;
  const named = createNamedStatements();

  const happen = (pair: Pair, { fault, happened }: Armed) => {
    armed = undefined;
    if (fault.how === 'stall') isStalled = true;
    else for (const socket of [pair.client, pair.server]) end(socket, fault.how);
    happened();
  };
  /** How much of a chunk passes; the fault happens after it. */
  const allowance = (pair: Pair, direction: Direction, chunk: Buffer): number => {
    if (!armed) return chunk.length;
    const { fault } = armed;
    if (fault.request !== undefined && armed.on === undefined) {
      if (direction !== 'request' || !named.asksFor(chunk, fault.request)) return chunk.length;
      armed.seen += 1;
      if (armed.seen < (fault.nth ?? 1)) return chunk.length;
      armed.on = pair;
      passed.request = passed.answer = 0;
      // The request itself passes when it is the answer that is lost.
      if (fault.direction === 'answer') return chunk.length;
    }
    if (fault.direction !== direction || (armed.on !== undefined && armed.on !== pair)) return chunk.length;
    return Math.min(chunk.length, Math.max(0, (fault.afterBytes ?? 0) - passed[direction]));
  };
  const pass = (pair: Pair, direction: Direction, to: Socket, chunk: Buffer) => {
    if (direction === 'request') named.learn(chunk);
    if (isStalled) {
      held.push(() => {
        pass(pair, direction, to, chunk);
      });
      return;
    }
    const length = allowance(pair, direction, chunk);
    passed[direction] += length;
    const rest = chunk.subarray(length);
    if (length > 0 && to.writable) to.write(chunk.subarray(0, length));
    if (rest.length === 0 || !armed) return;
    const how = armed.fault.how;
    happen(pair, armed);
    // What a stall holds back is passed on when it ends; what was cut is gone.
    if (how === 'stall') pass(pair, direction, to, rest);
  };

  const listener = createServer((client) => {
    client.on('error', () => undefined);
    if (isDown) {
      end(client, 'reset');
      return;
    }
    const server = connect(upstream, '127.0.0.1');
    const pair: Pair = { client, server };
    pairs.add(pair);
    for (const [from, to, direction] of [
      [client, server, 'request'],
      [server, client, 'answer'],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('data', (chunk: Buffer) => {
        if (delayMs === 0) pass(pair, direction, to, chunk);
        else setTimeout(pass, delayMs, pair, direction, to, chunk);
      });
      from.once('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const endAll = () => {
    for (const { client, server } of pairs) for (const socket of [client, server]) end(socket, 'reset');
  };
  return {
    port: (listener.address() as AddressInfo).port,
    leadTo: (port) => {
      upstream = port;
    },
    fail: (fault) => {
      passed.request = passed.answer = 0;
      return new Promise((resolve) => {
        armed = { fault, happened: resolve, seen: 0, on: undefined };
      });
    },
    delay: (ms) => {
      delayMs = ms;
    },
    down: () => {
      isDown = true;
      endAll();
    },
    heal: () => {
      armed = undefined;
      delayMs = 0;
      isDown = isStalled = false;
      const waiting = held;
      held = [];
      for (const go of waiting) go();
    },
    passed: () => ({ ...passed }),
    close: () => {
      endAll();
      return new Promise((resolve) => {
        listener.close(() => {
          resolve();
        });
      });
    },
  };
}

function end(socket: Socket, how: 'cut' | 'reset'): void {
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}

/** What PostgreSQL's clients have named: a statement is sent as a text once on each connection, and then by its name. */
interface NamedStatements {
  learn(chunk: Buffer): void;
  asksFor(chunk: Buffer, text: string): boolean;
}

/** A message that names a statement: its type, its length, the name and the text, both ended by a zero byte. */
const PARSE_MESSAGE = /P[^]{4}(s\d+)\0([^\0]+)\0/g;

/** The names of a process stand for the same texts on all of its connections. */
function createNamedStatements(): NamedStatements {
  const texts = new Map<string, string>();
  return {
    learn: (chunk) => {
      for (const [, name = '', text = ''] of chunk.toString('latin1').matchAll(PARSE_MESSAGE))
        texts.set(name, text);
    },
    asksFor: (chunk, text) =>
      chunk.includes(text) ||
      [...texts].some(([name, named]) => named.includes(text) && chunk.includes(`\0${name}\0`)),
  };
}
