import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { originOf, prepareNamespace } from './prepare-namespace.js';
import { findGenerator, prepareReadTargets, runReadLoad } from './read-load.js';

/**
 * Reading alone: `read-main.ts [seconds]`. Starts a registry of two workers on a private database in a temporary folder;
 * `SHEAF_BENCH_REGISTRY` is the program to run instead of the built one.
 */
const program =
  process.env['SHEAF_BENCH_REGISTRY'] ??
  fileURLToPath(new URL('../../services/registry/bin/sheaf-registry.js', import.meta.url));
const seconds = Number(process.argv[2] ?? 5);

const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-bench-'));
const nodeArgs = process.env['SHEAF_BENCH_NODE_ARGS']?.split(' ') ?? [];
const child = spawn(process.execPath, [...nodeArgs, program, 'serve', '--port', '0', '--data-dir', dataDir], {
  stdio: ['ignore', 'pipe', process.env['SHEAF_BENCH_LOG'] === undefined ? 'ignore' : 'inherit'],
  env: {
    ...process.env,
    SHEAF_WORKERS: process.env['SHEAF_WORKERS'] ?? '2',
    SHEAF_LOG_LEVEL: 'info',
    SHEAF_LIMIT_ADDRESS_REQUESTS: 'none',
    NODE_EXTRA_CA_CERTS: undefined,
  },
});
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
  const key = await prepareNamespace(reachable, 'bench');
  const registry = { ...reachable, namespace: 'bench', key, pids: [] };
  const generator = await findGenerator();
  for (const target of await prepareReadTargets(registry))
    console.log(await runReadLoad(registry, target, { connections: 16, seconds, generator }));
} finally {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  await rm(dataDir, { recursive: true, force: true });
}
