import { execFile } from 'node:child_process';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SigningKey } from '@sheaf/bundle';
import { cpuMsOf } from './publish-load.js';
import { prepareUpload } from './uploads.js';

const run = promisify(execFile);

/** A registry that runs already. Its requests must not be limited: `SHEAF_LIMIT_ADDRESS_REQUESTS=none`. */
export interface ReadRegistry {
  readonly url: string;
  readonly origin: string;
  readonly token: string;
  /** A public namespace. */
  readonly namespace: string;
  /** A key of it. */
  readonly key: SigningKey;
  /** Of the registry: its own and its cluster workers'. */
  readonly pids: readonly number[];
}

/** One thing to ask for again and again. */
export interface ReadTarget {
  readonly what: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: 200 | 304;
}

export interface ReadLoad {
  readonly connections: number;
  readonly seconds: number;
  /** `wrk`, which takes less of the machine than this process does, when it is installed. */
  readonly generator: 'wrk' | 'node';
}

export interface ReadLoadResult {
  readonly what: string;
  readonly generator: ReadLoad['generator'];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the registry's own processes for each request; undefined where `/proc` is not. */
  readonly cpuMsPerRead: number | undefined;
}

const KIB = 1024;

/**
 * Publishes what is read: workflows of 1, 20 and 200 versions, and bundles of 10 KiB and 1 MiB; and names what to ask for.
 * Each target was asked for once, so that its tags are known.
 */
export async function prepareReadTargets(registry: ReadRegistry): Promise<readonly ReadTarget[]> {
  const suffix = Date.now().toString(36);
  const base = `/v1/workflows/${registry.namespace}`;
  const targets: ReadTarget[] = [];
  for (const versions of [1, 20, 200]) {
    const name = `read-${versions}-${suffix}`;
    for (let i = 0; i < versions; i += 1) await publish(registry, name, `1.0.${i}`, 1 * KIB);
    const path = `${base}/${name}`;
    // Until every worker has heard of the last version.
    await sleep(500);
    targets.push({ what: `metadata, ${versions} versions`, path, status: 200 });
    const { headers } = await fetch(`${registry.url}${path}`, { headers: { 'Accept-Encoding': 'identity' } });
    const etag = headers.get('etag') ?? '';
    targets.push({
      what: `metadata, ${versions} versions, 304`,
      path,
      headers: { 'If-None-Match': etag },
      status: 304,
    });
  }
  for (const [label, bytes] of [
    ['10 KiB', 10 * KIB],
    ['1 MiB', KIB * KIB],
  ] as const) {
    const name = `download-${bytes}-${suffix}`;
    await publish(registry, name, '1.0.0', bytes);
    targets.push({ what: `download, ${label}`, path: `${base}/${name}/1.0.0/download`, status: 200 });
  }
  return targets;
}

/** Asks for one thing over kept connections for a while. @throws Error when any answer has another status */
export async function runReadLoad(
  registry: Pick<ReadRegistry, 'url' | 'pids'>,
  target: ReadTarget,
  load: ReadLoad,
): Promise<ReadLoadResult> {
  // Each encoding has its own tag, and the generators ask for none.
  const headers = { 'Accept-Encoding': 'identity', ...target.headers };
  const first = await fetch(`${registry.url}${target.path}`, { headers });
  await first.arrayBuffer();
  if (first.status !== target.status) throw new Error(`${target.what}: status ${first.status}`);
  const before = findCpuMs(registry.pids);
  const { requests, ...measured } = await (load.generator === 'wrk' ? runWrk : runNode)(
    `${registry.url}${target.path}`,
    target,
    load,
  );
  const after = findCpuMs(registry.pids);
  return {
    what: target.what,
    generator: load.generator,
    ...measured,
    cpuMsPerRead: before === undefined || after === undefined ? undefined : (after - before) / requests,
  };
}

/** The better generator that is here. */
export async function findGenerator(): Promise<ReadLoad['generator']> {
  const found = await run('wrk', ['--version']).catch((error: unknown) => error as { stdout?: string });
  // It says its version and ends with a failure.
  return found.stdout?.startsWith('wrk') === true ? 'wrk' : 'node';
}

interface Measured {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function runWrk(url: string, target: ReadTarget, load: ReadLoad): Promise<Measured> {
  const headers = Object.entries(target.headers ?? {}).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '--latency',
    ...headers,
    url,
  ]);
  const failed = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(stdout);
  if (failed) throw new Error(`${target.what}: ${failed[0]}`);
  const latency = (part: string) => toMs(new RegExp(`^\\s*${part}%\\s+(\\S+)$`, 'm').exec(stdout)?.[1] ?? '');
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50Ms: latency('50'),
    p99Ms: latency('99'),
  };
}

function toMs(text: string): number {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? [];
  return Number(number) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1);
}

async function runNode(url: string, target: ReadTarget, load: ReadLoad): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const latencies: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + load.seconds * 1000;
  const client = async () => {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      await ask(url, target, agent);
      latencies.push(performance.now() - sentMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: load.connections }, client));
  } finally {
    agent.destroy();
  }
  const elapsedMs = performance.now() - startedMs;
  const sorted = latencies.sort((a, b) => a - b);
  const percentile = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return {
    requests: sorted.length,
    perSecond: (sorted.length * 1000) / elapsedMs,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}

function ask(url: string, target: ReadTarget, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent, headers: { ...target.headers } }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === target.status) resolve();
        else reject(new Error(`${target.what}: status ${response.statusCode}`));
      });
      response.resume();
    });
    sent.on('error', reject);
  });
}

async function publish(registry: ReadRegistry, name: string, version: string, bundleBytes: number) {
  const { contentType, body } = await prepareUpload({ ...registry, bundleBytes }, name, version);
  const response = await fetch(`${registry.url}/v1/workflows`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${registry.token}`, 'Content-Type': contentType },
    body: new Uint8Array(body),
  });
  if (response.status !== 201)
    throw new Error(`${name} ${version}: ${response.status} ${await response.text()}`);
}

function findCpuMs(pids: readonly number[]): number | undefined {
  try {
    return cpuMsOf(pids);
  } catch {
    return undefined;
  }
}
