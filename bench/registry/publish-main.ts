import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originOf, prepareNamespace } from './prepare-namespace.js';
import { cpuMsOfDatabase } from './database-processes.js';
import { runPublishLoad } from './publish-load.js';

/**
 * Publishing alone: `publish-main.ts [clients:publishes]…`, by default one, eight and 32 clients. Starts a durable registry
 * on a private database in a temporary folder; `SHEAF_BENCH_REGISTRY` is the program to run instead of the built one.
 */
const program =
  process.env['SHEAF_BENCH_REGISTRY'] ??
  fileURLToPath(new URL('../../services/registry/bin/sheaf-registry.js', import.meta.url));
/** So many are published before each load, and not counted: code is compiled by then. */
const warmUp = Number(process.env['SHEAF_BENCH_WARM_UP'] ?? 500);
const loads = process.argv.length > 2 ? process.argv.slice(2) : ['1:200', '8:2000', '32:2000'];

const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
const child = spawn(
  process.execPath,
  [
    ...(process.env['SHEAF_BENCH_NODE_ARGS']?.split(' ').filter(Boolean) ?? []),
    program,
    'serve',
    '--port',
    '0',
    '--data-dir',
    dataDir,
  ],
  {
    stdio: ['ignore', 'pipe', process.env['SHEAF_BENCH_LOG'] === undefined ? 'ignore' : 'inherit'],
    env: {
      ...process.env,
      SHEAF_LOG_LEVEL: process.env['SHEAF_LOG_LEVEL'] ?? 'info',
      NODE_EXTRA_CA_CERTS: undefined,
    },
  },
);
try {
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /listening on (\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => {
      reject(new Error(`the registry ended with ${code}`));
    });
  });
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  const reachable = { url, token, origin: await originOf(url) };
  const databaseCpuMs = () => cpuMsOfDatabase(dataDir);
  const key = await prepareNamespace(reachable, 'bench');
  for (const load of loads) {
    const [clients = 1, publishes = 100] = load.split(':').map(Number);
    const registry = { ...reachable, namespace: 'bench', key, pids: [child.pid ?? 0], databaseCpuMs };
    console.log(await runPublishLoad(registry, { clients, publishes, warmUp }));
  }
} finally {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  await rm(dataDir, { recursive: true, force: true });
}
