import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { syncDirectory, writeNewFile } from './durable.js';
import { PostgresError, toDataDirError } from './errors.js';
import type { PostgresBinaries } from './locate.js';
import { lastLine } from './log-text.js';
import { commandFor, serverEnvironment, type RunAs } from './run-as.js';

const run = promisify(execFile);
const STAGE_PREFIX = 'postgres.init-';
const MAX_OUTPUT_BYTES = 1024 * 1024;

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
    await rm(stage, { recursive: true, force: true });
  }
}

async function runInitdb(options: InitOptions, target: string, passwordFile: string): Promise<void> {
  const { binaries, runAs, user, durable, signal } = options;
  const command = commandFor(runAs, binaries.initdb, [
    ...['-D', target, '-U', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C', '--no-instructions'],
    ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    await run(command.file, command.args, {
      ...command.options,
      env: serverEnvironment(process.env),
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: unknown };
    if (typeof code === 'string') {
      throw new PostgresError('postgres.unavailable', `cannot run ${binaries.initdb}: ${code}`, {
        cause: error,
      });
    }
    const reason = lastLine(typeof stderr === 'string' ? stderr : '') ?? 'no reason given';
    throw new PostgresError('postgres.init_failed', `cannot create a PostgreSQL cluster: ${reason}`, {
      cause: error,
    });
  }
}

/** Removes what killed runs left. One of them may still be ending; what it keeps is removed the next time. */
async function removeStages(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(STAGE_PREFIX));
  await Promise.allSettled(names.map((name) => rm(join(dataDir, name), { recursive: true, force: true })));
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
