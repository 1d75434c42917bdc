import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { treeOf } from '../../lib/processes.js';
import { answers, findPort, startProgram } from '../../lib/program.js';
import type { Scope } from '../../lib/scope.js';
import { MissingPeer, type Server } from './server.js';

export interface VerdaccioServer extends Server {
  /** A JWT of a user that may publish. */
  readonly token: string;
}

const VERSION = '6.8.0';
const INSTALL_TIMEOUT_MS = 240_000;

/** Verdaccio on a folder, with tokens that are JWTs (its default hashes a password for each request), without uplinks. */
export async function startVerdaccio(dir: string, scope: Scope): Promise<VerdaccioServer> {
  const home = await installVerdaccio();
  await mkdir(dir, { recursive: true });
  const port = await findPort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(dir, 'config.yaml');
  await writeFile(configFile, configOf(dir));
  const program = await startProgram(
    {
      command: process.execPath,
      args: [
        join(home, 'node_modules/verdaccio/bin/verdaccio'),
        '--config',
        configFile,
        '--listen',
        `127.0.0.1:${port}`,
      ],
      logFile: join(dir, 'output.log'),
      env: { NODE_ENV: 'production' },
      isReady: () => answers(`${url}/-/ping`),
    },
    scope,
  );
  return {
    name: 'Verdaccio',
    url,
    version: VERSION,
    durability: 'a crash of its process at most: nothing is synced',
    servicePids: () => treeOf(program.pid),
    databasePids: () => [],
    stop: program.stop,
    token: await addUser(url),
  };
}

/** Into a cache folder, once. @throws MissingPeer where npm cannot */
async function installVerdaccio(): Promise<string> {
  const home = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'sheaf-bench',
    `verdaccio-${VERSION}`,
  );
  const marker = join(home, 'installed');
  if (existsSync(marker)) return home;
  await mkdir(home, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { verdaccio: VERSION },
    // The release of node-fetch that it asks for by default does not run on the Node versions that we support.
    overrides: { 'node-fetch': '2.7.0' },
  };
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
      {
        cwd: home,
        timeout: INSTALL_TIMEOUT_MS,
      },
    );
  } catch (cause) {
    throw new MissingPeer(`npm could not install verdaccio ${VERSION}`, { cause });
  }
  await writeFile(marker, '');
  return home;
}

/** `http` is one line for each request, as our own access log at `info`. */
function configOf(dir: string): string {
  return JSON.stringify({
    storage: join(dir, 'storage'),
    auth: { htpasswd: { file: join(dir, 'htpasswd'), max_users: 10 } },
    security: { api: { jwt: { sign: { expiresIn: '7d' } } } },
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$authenticated' } },
    max_body_size: '20mb',
    userRateLimit: { windowMs: 1000, max: 1_000_000 },
    log: { type: 'stdout', format: 'json', level: 'http' },
  });
}

async function addUser(url: string): Promise<string> {
  const response = await fetch(`${url}/-/user/org.couchdb.user:bench`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'bench', password: 'bench-password-1', type: 'user', roles: [] }),
  });
  const { token } = (await response.json()) as { readonly token?: string };
  if (token === undefined) throw new Error(`verdaccio made no user: ${response.status}`);
  return token;
}
