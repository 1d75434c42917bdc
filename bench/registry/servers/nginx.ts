import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { treeOf } from '../../lib/processes.js';
import { answers, findPort, startProgram } from '../../lib/program.js';
import type { Scope } from '../../lib/scope.js';
import { needProgram } from './debian-program.js';
import type { Server } from './server.js';

export interface StaticFile {
  /** As in the URL, from `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** nginx with two workers and its files open: the ceiling of what static files can be sent with. */
export async function startNginx(dir: string, files: readonly StaticFile[], scope: Scope): Promise<Server> {
  const command = await needProgram('nginx', 'nginx-light');
  const root = join(dir, 'www');
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  const port = await findPort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(dir, 'nginx.conf');
  await writeFile(configFile, configOf(dir, root, port));
  const program = await startProgram(
    {
      command,
      args: ['-p', dir, '-c', configFile, '-e', 'stderr'],
      logFile: join(dir, 'output.log'),
      isReady: () => answers(`${url}${files[0]?.path ?? '/'}`),
    },
    scope,
  );
  const { stderr } = await promisify(execFile)(command, ['-v']);
  return {
    name: 'nginx',
    url,
    version: /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown',
    durability: 'reads only',
    servicePids: () => treeOf(program.pid),
    databasePids: () => [],
    stop: program.stop,
  };
}

function configOf(dir: string, root: string, port: number): string {
  // Its workers would else become a user that may not enter the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off;
worker_processes 2;
pid ${dir}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=100;
  default_type application/octet-stream;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${root};
  }
}
`;
}
