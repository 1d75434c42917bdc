import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeNewFile } from '../objects/durable-files.js';
import { PostgresError, toDataDirError } from './errors.js';
import type { PostgresBinaries } from './locate.js';
import { lastLine } from './log-text.js';
import { commandFor, serverEnvironment, type RunAs } from './run-as.js';

const STAGE_PREFIX = 'postgres.init-';
const MAX_OUTPUT_LENGTH = 16_384;

export interface InitOptions {
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly dataDir: string;
  /** Where the cluster goes; must not exist. */
  readonly clusterDir: string;
  readonly user: string;
  readonly password: string;
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a cluster that lets nobody in without the password. It is made in a folder beside and renamed when it is complete
 * and on the disk, so that a run that was killed leaves no half cluster, only a folder that the next one removes.
 * Errors: `postgres.init_failed`, `postgres.unavailable`, `datadir.unusable`.
 */
export async function initCluster(options: InitOptions): Promise<void> {
  const { dataDir, clusterDir, runAs, durable } = options;
  const stage = join(dataDir, `${STAGE_PREFIX}${randomBytes(6).toString('hex')}`);
  try {
    await removeStages(dataDir);
    await mkdir(stage, { mode: 0o700 });
    const passwordFile = join(stage, 'password');
    await writeNewFile(passwordFile, options.password);
    if (runAs.owner !== undefined) await handOver(dataDir, [stage, passwordFile], runAs.owner);
    await runInitdb(options, join(stage, 'cluster'), passwordFile);
    await rename(join(stage, 'cluster'), clusterDir);
    if (durable) await syncDirectory(dataDir);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw toDataDirError(`cannot create ${clusterDir}`, error);
  } finally {
    await removeStages(dataDir);
  }
}

async function runInitdb(options: InitOptions, target: string, passwordFile: string): Promise<void> {
  const { binaries, runAs, user, durable, signal } = options;
  const command = commandFor(runAs, binaries.initdb, [
    ...['-D', target, '-U', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C', '--no-instructions'],
    ...(durable ? [] : ['--no-sync']),
  ]);
  const { code, stderr } = await runToEnd(command, signal).catch((error: unknown) => {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new PostgresError('postgres.unavailable', `cannot run ${binaries.initdb}: ${reason}`, {
      cause: error,
    });
  });
  signal?.throwIfAborted();
  if (code === 0) return;
  const reason = lastLine(stderr) ?? 'no reason given';
  throw new PostgresError('postgres.init_failed', `cannot create a PostgreSQL cluster: ${reason}`);
}

/** Runs a program until it has ended; an abort tells it to end, and waits, so that it does not write into what is removed. */
async function runToEnd(
  command: ReturnType<typeof commandFor>,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(command.file, command.args, {
    ...command.options,
    env: serverEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_OUTPUT_LENGTH);
  });
  const end = (): void => {
    child.kill('SIGTERM');
  };
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** Removes what runs left. A killed one may still be ending: what it then keeps, the next run removes. */
async function removeStages(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(STAGE_PREFIX));
  await Promise.allSettled(
    names.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}

/** Gives the paths to the user that the server runs as, and lets it walk through the data directory to them. */
async function handOver(
  dataDir: string,
  paths: readonly string[],
  owner: { readonly uid: number; readonly gid: number },
): Promise<void> {
  await Promise.all(paths.map((path) => chown(path, owner.uid, owner.gid)));
  await letThrough(dataDir);
}

/** Lets other users walk through the folder, not list it. */
export async function letThrough(dir: string): Promise<void> {
  await chmod(dir, ((await stat(dir)).mode & 0o777) | 0o011);
}
