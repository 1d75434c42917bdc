import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import { generateSigningKey, type SigningKey } from '@sheaf/bundle';
import { prepareUpload, type PreparedUpload } from './uploads.js';

/** A registry that runs already, and whose processes' CPU time counts. */
export interface LoadedRegistry {
  readonly url: string;
  readonly origin: string;
  readonly token: string;
  readonly namespace: string;
  /** A key of the namespace. */
  readonly key: SigningKey;
  /** Of the registry: its own and its cluster workers', without the database's. */
  readonly pids: readonly number[];
  /** Processor time that its database has used so far, when that runs on this machine. */
  readonly databaseCpuMs?: () => number;
}

export interface PublishLoad {
  readonly clients: number;
  readonly publishes: number;
  /** Of a compressed bundle; 10 KiB by default. */
  readonly bundleBytes?: number;
  /** So many are published before, and not counted. */
  readonly warmUp?: number;
}

export interface PublishLoadResult {
  readonly clients: number;
  readonly publishes: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the registry's own processes for each publish. */
  readonly cpuMsPerPublish: number;
  /** The same of the database's processes; NaN when they are not known. */
  readonly databaseCpuMsPerPublish: number;
  /** Of the machine in the last minute, by the end. */
  readonly loadAverage: number;
  /** Median latency of the first and of the last tenth, in the order of sending. */
  readonly firstDecileP50Ms: number;
  readonly lastDecileP50Ms: number;
}

/** What a clock tick of `/proc/<pid>/stat` is worth (Linux: always 100 a second). */
const TICK_MS = 10;

/**
 * Publishes first versions of new workflows over real connections, each client waiting for its receipt before the next.
 * Bundles are packed and signed before the clock runs.
 *
 * @throws Error for any answer but 201
 */
export async function runPublishLoad(
  registry: LoadedRegistry,
  load: PublishLoad,
): Promise<PublishLoadResult> {
  const { clients, publishes, bundleBytes = 10 * 1024, warmUp = 20 } = load;
  const run = generateSigningKey().publicKey.id.slice(0, 8);
  const uploads: PreparedUpload[] = [];
  for (let i = 0; i < warmUp + publishes; i += 1)
    uploads.push(await prepareUpload({ ...registry, bundleBytes }, `load-${run}-${i}`));
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  try {
    await sendAll(registry, agent, uploads.slice(0, warmUp), clients);
    const cpuBeforeMs = cpuMsOf(registry.pids);
    const databaseBeforeMs = registry.databaseCpuMs?.() ?? Number.NaN;
    const startedMs = performance.now();
    const latencies = await sendAll(registry, agent, uploads.slice(warmUp), clients);
    const elapsedMs = performance.now() - startedMs;
    const tenth = Math.max(1, Math.floor(publishes / 10));
    return {
      clients,
      publishes,
      perSecond: (publishes * 1000) / elapsedMs,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      cpuMsPerPublish: (cpuMsOf(registry.pids) - cpuBeforeMs) / publishes,
      databaseCpuMsPerPublish: ((registry.databaseCpuMs?.() ?? Number.NaN) - databaseBeforeMs) / publishes,
      loadAverage: loadavg()[0] ?? Number.NaN,
      firstDecileP50Ms: percentile(latencies.slice(0, tenth), 0.5),
      lastDecileP50Ms: percentile(latencies.slice(-tenth), 0.5),
    };
  } finally {
    agent.destroy();
  }
}

/** Latencies in the order of sending. */
async function sendAll(
  registry: LoadedRegistry,
  agent: Agent,
  uploads: readonly PreparedUpload[],
  clients: number,
): Promise<readonly number[]> {
  const latencies = new Array<number>(uploads.length).fill(0);
  let next = 0;
  const client = async () => {
    for (let i = next++; i < uploads.length; i = next++) {
      const upload = uploads[i];
      if (upload === undefined) return;
      const startedMs = performance.now();
      await send(registry, agent, upload);
      latencies[i] = performance.now() - startedMs;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return latencies;
}

function send({ url, token }: LoadedRegistry, agent: Agent, { contentType, body }: PreparedUpload) {
  return new Promise<void>((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': contentType,
      'Content-Length': body.length,
    };
    const sent = request(`${url}/v1/workflows`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode === 201) resolve();
        else
          reject(
            new Error(`status ${response.statusCode}: ${Buffer.concat(chunks).toString().slice(0, 500)}`),
          );
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Processor time that the processes have used so far, in all their threads. */
export function cpuMsOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK_MS;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
