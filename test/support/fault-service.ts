import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFaultDatabase } from './fault-database.js';
import type { Place } from './fault-check.js';
import { startRegistryProcess, type RegistryProcess } from './registry-process.js';

/** How a registry runs: one process, two on one database, or one with two workers. */
export type Shape = 'one process' | 'two processes' | 'two workers';

/** A registry whose processes are killed and come back under the same addresses. */
export interface FaultService {
  readonly place: Place;
  readonly ownerToken: string;
  /** Of the processes that run. */
  urls(): readonly string[];
  /** Kills one of its processes, as `random` in [0, 1) chooses; true when others go on serving meanwhile. */
  kill(random: number): Promise<boolean>;
  /** Starts what was killed. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const ORIGIN = { SHEAF_ORIGIN: 'faults.example.com' };

export async function startFaultService(shape: Shape, dir: string): Promise<FaultService> {
  const dataDir = join(dir, 'data');
  switch (shape) {
    case 'one process':
      return serve({ dataDir, env: ORIGIN }, 1, () => Promise.resolve());
    case 'two workers': {
      const service = await serve({ dataDir, env: { ...ORIGIN, SHEAF_WORKERS: '2' } }, 1, () =>
        Promise.resolve(),
      );
      return { ...service, kill: (random) => killOfCluster(service, random) };
    }
    case 'two processes': {
      const database = await startFaultDatabase(join(dir, 'database'));
      return serve({ dataDir, env: { ...ORIGIN, DATABASE_URL: database.url } }, 2, () => database.stop());
    }
  }
}

interface Serving extends FaultService {
  pid(): number;
}

async function serve(place: Place, count: number, after: () => Promise<void>): Promise<Serving> {
  const running: (RegistryProcess | undefined)[] = [];
  const ports: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const registry = await startRegistryProcess(place);
    running.push(registry);
    ports.push(Number(new URL(registry.url).port));
  }
  const alive = () => running.flatMap((registry) => registry ?? []);
  return {
    place,
    ownerToken: alive()[0]?.ownerToken ?? '',
    urls: () => alive().map(({ url }) => url),
    pid: () => alive()[0]?.pid ?? 0,
    kill: async (random) => {
      const victim = Math.floor(random * count);
      const registry = running[victim];
      running[victim] = undefined;
      await registry?.kill();
      return alive().length > 0;
    },
    restore: async () => {
      for (const [i, port] of ports.entries()) running[i] ??= await startRegistryProcess({ ...place, port });
    },
    stop: async () => {
      for (const registry of alive()) await registry.stop();
      await after();
    },
  };
}

/** One of the workers, which is replaced, or, in a third of the cases, the process above them and all of them with it. */
async function killOfCluster(service: Serving, random: number): Promise<boolean> {
  const children = await readFile(`/proc/${service.pid()}/task/${service.pid()}/children`, 'utf8');
  const workers: number[] = [];
  for (const pid of children.trim().split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('sheaf-registry.js')) workers.push(Number(pid));
  }
  const worker = workers[Math.floor(random * 3)];
  if (worker === undefined) return service.kill(0);
  process.kill(worker, 'SIGKILL');
  return true;
}
