import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openConnection } from './http-connection.js';
import { percentile, type LoadResult } from './load.js';

const run = promisify(execFile);

/** One thing to ask for again and again. */
export interface GetTarget {
  readonly origin: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: 200 | 304;
}

export interface GetLoad {
  readonly clients: number;
  /** Whole ones. */
  readonly seconds: number;
  readonly generator: Generator;
}

/** `wrk` takes less of the machine than this process does. */
export type Generator = 'wrk' | 'node';

/** Asks for one thing over kept connections for a while. Every answer of another status is a failure. */
export async function runGetLoad(target: GetTarget, load: GetLoad): Promise<LoadResult> {
  return load.generator === 'wrk' ? runWrk(target, load) : runNode(target, load);
}

/** The better generator that is here. */
export async function findGenerator(): Promise<Generator> {
  // It says its version and ends with a failure.
  const found = await run('wrk', ['--version']).catch((error: unknown) => error as { stdout?: string });
  return found.stdout?.startsWith('wrk') === true ? 'wrk' : 'node';
}

async function runWrk({ origin, path, headers, status }: GetTarget, load: GetLoad): Promise<LoadResult> {
  const fields = Object.entries(headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${load.clients}`,
    `-d${load.seconds}s`,
    '--latency',
    ...fields,
    `${origin}${path}`,
  ]);
  const latency = (part: string) => toMs(new RegExp(`^\\s*${part}%\\s+(\\S+)$`, 'm').exec(stdout)?.[1] ?? '');
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout);
  const failed = [refused?.[1], ...(broken?.slice(1) ?? [])].reduce((sum, n) => sum + Number(n ?? 0), 0);
  return {
    operations: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    failed,
    ...(failed === 0 ? {} : { firstFailure: `expected ${status}: ${(refused ?? broken)?.[0] ?? ''}` }),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50Ms: latency('50'),
    p99Ms: latency('99'),
  };
}

function toMs(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1);
}

async function runNode(target: GetTarget, load: GetLoad): Promise<LoadResult> {
  const { origin, path, headers, status } = target;
  const request = { path, ...(headers === undefined ? {} : { headers }) };
  const connections = await Promise.all(Array.from({ length: load.clients }, () => openConnection(origin)));
  const latencies: number[] = [];
  let failed = 0;
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  try {
    await Promise.all(
      connections.map(async (connection) => {
        while (performance.now() < endMs) {
          const sentMs = performance.now();
          if ((await connection.send(request)).status !== status) failed += 1;
          latencies.push(performance.now() - sentMs);
        }
      }),
    );
  } finally {
    for (const connection of connections) connection.close();
  }
  return {
    operations: latencies.length,
    failed,
    ...(failed === 0 ? {} : { firstFailure: `an answer other than ${status}` }),
    perSecond: ((latencies.length - failed) * 1000) / (performance.now() - startedMs),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
