import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findVersion } from '../../lib/machine.js';
import { treeOf } from '../../lib/processes.js';
import { answers, findPort, startProgram } from '../../lib/program.js';
import type { Scope } from '../../lib/scope.js';
import { needProgram } from './debian-program.js';
import type { Server } from './server.js';

/** Debian's docker-registry on a folder, without accounts. */
export async function startDockerRegistry(dir: string, scope: Scope): Promise<Server> {
  const command = await needProgram('docker-registry', 'docker-registry');
  await mkdir(dir, { recursive: true });
  const port = await findPort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(dir, 'config.yml');
  // JSON is YAML.
  await writeFile(
    configFile,
    JSON.stringify({
      version: 0.1,
      log: { level: 'info' },
      storage: { filesystem: { rootdirectory: join(dir, 'data') } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const program = await startProgram(
    {
      command,
      args: ['serve', configFile],
      logFile: join(dir, 'output.log'),
      isReady: () => answers(`${url}/v2/`),
    },
    scope,
  );
  return {
    name: 'docker-registry',
    url,
    version: findVersion(command)?.split(' ').at(-1) ?? 'unknown',
    durability: 'a power cut: files are synced',
    servicePids: () => treeOf(program.pid),
    databasePids: () => [],
    stop: program.stop,
  };
}
