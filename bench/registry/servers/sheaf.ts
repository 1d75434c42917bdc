import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SigningKey } from '@sheaf/bundle';
import { databaseUrl } from '../../../services/registry/src/postgres/database.js';
import { findPidFile } from '../../../services/registry/src/postgres/pidfile.js';
import { treeOf } from '../../lib/processes.js';
import { startProgram } from '../../lib/program.js';
import type { Scope } from '../../lib/scope.js';
import { originOf, prepareNamespace } from '../prepare-namespace.js';
import type { Server } from './server.js';

/** A registry with a public namespace and a key to publish there. */
export interface SheafServer extends Server {
  readonly origin: string;
  readonly token: string;
  readonly namespace: string;
  readonly key: SigningKey;
  readonly dataDir: string;
  /** Connection URL of a database on its private PostgreSQL. */
  database(name?: string): string;
}

export interface SheafPlan {
  readonly dataDir: string;
  /** `SHEAF_WORKERS`. */
  readonly workers: 1 | 2;
}

const NAMESPACE = 'bench';
const MANIFEST = new URL('../../../services/registry/package.json', import.meta.url);
const PROGRAM = fileURLToPath(new URL('../../../services/registry/bin/sheaf-registry.js', import.meta.url));

/**
 * The built registry on its private PostgreSQL, durable as users have it, with its blobs on the disk. It writes its access
 * log as usual; only its rate limits are off, for one client asks for all. A data directory that was used before is
 * continued, with a namespace of its own for each start.
 */
export async function startSheaf({ dataDir, workers }: SheafPlan, scope: Scope): Promise<SheafServer> {
  await mkdir(dataDir, { recursive: true });
  const program = await startProgram(
    {
      command: process.execPath,
      args: [PROGRAM, 'serve', '--port', '0', '--data-dir', dataDir],
      env: {
        NODE_ENV: 'production',
        SHEAF_WORKERS: String(workers),
        SHEAF_LOG_LEVEL: 'info',
        SHEAF_LIMIT_ADDRESS_REQUESTS: 'none',
        SHEAF_LIMIT_TOKEN_REQUESTS: 'none',
      },
      logFile: join(dataDir, 'output.log'),
      isReady: (printed) => LISTENING.test(printed),
    },
    scope,
  );
  const url = LISTENING.exec(program.printed)?.[1] ?? '';
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  const origin = await originOf(url);
  const namespace = `${NAMESPACE}-${Date.now().toString(36)}`;
  const key = await prepareNamespace({ url, token, origin }, namespace);
  const postmaster = await findPidFile(join(dataDir, 'postgres'));
  if (postmaster?.port === undefined) throw new Error(`there is no PostgreSQL in ${dataDir}`);
  const password = (await readFile(join(dataDir, 'postgres-password'), 'utf8')).trim();
  const { pid: databasePid, port } = postmaster;
  const { version } = JSON.parse(await readFile(MANIFEST, 'utf8')) as { readonly version: string };
  return {
    name: workers === 1 ? 'Sheaf' : `Sheaf, ${workers} workers`,
    url,
    version,
    durability: 'a power cut: database (fsync on), blob and checkpoint are synced before the answer',
    servicePids: () => treeOf(program.pid, [databasePid]),
    databasePids: () => treeOf(databasePid),
    stop: program.stop,
    origin,
    token,
    namespace,
    key,
    dataDir,
    database: (name = 'sheaf') => databaseUrl({ port, password }, name),
  };
}

const LISTENING = /listening on (\S+)/;
