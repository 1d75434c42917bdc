import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { privateDatabaseUrl, startRegistryProcess, type RegistryProcess } from './registry-process.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** A PostgreSQL of its own behind a proxy, which can be stopped and started again under the same address. */
export interface FaultDatabase {
  /** Of the database that a registry may use, through the proxy. */
  readonly url: string;
  readonly proxy: TcpProxy;
  /** Ends the server itself; what it held in memory is lost. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The server is that of a registry that does nothing else. */
export async function startFaultDatabase(dataDir: string): Promise<FaultDatabase> {
  let host: RegistryProcess = await startRegistryProcess({ dataDir, env: { SHEAF_JOBS: 'off' } });
  const direct = new URL(await privateDatabaseUrl(dataDir));
  const proxy = await startTcpProxy(Number(direct.port));
  const url = new URL(direct);
  url.port = String(proxy.port);
  url.pathname = '/postgres';
  return {
    url: url.href,
    proxy,
    kill: async () => {
      await host.kill();
      // At once, as after a power cut, but with its backends: those of a killed server would hold its memory for a while.
      const postmaster = await postmasterOf(dataDir);
      process.kill(postmaster, 'SIGQUIT');
      while (isRunning(postmaster)) await sleep(20);
    },
    start: async () => {
      host = await startRegistryProcess({ dataDir, env: { SHEAF_JOBS: 'off' } });
      proxy.leadTo(Number(new URL(await privateDatabaseUrl(dataDir)).port));
    },
    stop: async () => {
      await proxy.close();
      await host.stop();
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function postmasterOf(dataDir: string): Promise<number> {
  const [pid = ''] = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
