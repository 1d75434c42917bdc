import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeAbandonedPidFile } from './abandoned-pidfile.js';
import { assertDatabaseName, databaseUrl, ensureDatabase, isUsable } from './database.js';
import { PostgresError, toDataDirError } from './errors.js';
import { findFreePort, launchServer } from './launch.js';
import { locatePostgres, type PostgresBinaries } from './locate.js';
import { findPidFile, findPostmaster, parsePidFile } from './pidfile.js';
import { prepareCluster } from './prepare-cluster.js';
import { hasProcessId, whenEnded, type ProcessIdentity } from './process.js';
import { chooseRunAs, type RunAs } from './run-as.js';
import { stopServer } from './stop.js';

/** How long another server may keep us from starting while we cannot tell whose it is. */
const RIVAL_PATIENCE_MS = 15_000;
const RIVAL_PAUSE_MS = 100;

export interface EmbeddedPostgresOptions {
  /** The folder for the cluster (`postgres/`), its password and its log; created with mode 0700 when absent. */
  readonly dataDir: string;
  /** Whether commits outlive a power cut. Default true; false is for tests. */
  readonly durable?: boolean;
  /** The database to create when absent. Default `sheaf`. */
  readonly database?: string;
  /** Where the server listens, of 127.0.0.1; by default on any port that is free. */
  readonly port?: number;
  /** Gives up: the server is stopped if this call started it. */
  readonly signal?: AbortSignal;
  /** How to run the server instead of what the system suggests. */
  readonly runAs?: RunAs;
  /** The programs instead of those that npm installed. */
  readonly binaries?: PostgresBinaries;
  /** That of a cluster which was there before, with its database: nothing is made, and another one is refused. */
  readonly knownPassword?: string;
}

export interface EmbeddedPostgres {
  /** Connection URL with the password: a secret. */
  readonly url: string;
  /** A secret. */
  readonly password: string;
  readonly pid: number;
  /** Where it listens, of 127.0.0.1. */
  readonly port: number;
  /** Resolves when the server is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Whether the server was already running, left by a process that was killed. */
  readonly reused: boolean;
  /** Stops the server, also a reused one, and resolves when it is gone. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/**
 * Runs a private PostgreSQL on the folder: listens on 127.0.0.1 only, on a port of its own, and lets in who knows the random
 * password in `<dataDir>/postgres-password` (mode 0600). The caller holds the data directory (`lockDataDir`).
 *
 * The server outlives a killed caller; the next call takes it over when it answers and is as durable as asked, and replaces
 * it otherwise. When the caller exits without `stop()`, the server is told to stop.
 *
 * Errors: `PostgresError`; `postgres.unavailable` where it cannot run at all. An abort rejects with the signal's reason.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, database = 'sheaf', signal, port: wantedPort, knownPassword } = options;
  assertDatabaseName(database);
  signal?.throwIfAborted();
  const dataDir = resolve(options.dataDir);
  const mayCreate = knownPassword === undefined;
  if (mayCreate) await makeDataDir(dataDir);
  const clusterDir = join(dataDir, 'postgres');
  const binaries = options.binaries ?? (await locatePostgres());
  const runAs = options.runAs ?? (await chooseRunAs(clusterDir));
  const cluster: Cluster = { dataDir, clusterDir, binaries, runAs, durable, signal, wantedPort };
  const password = await prepareCluster({ ...cluster, knownPassword });
  const { identity, port, reused, ended } = await obtainServer(cluster, password);
  try {
    signal?.throwIfAborted();
    await ensureDatabase({ port, password }, database, { mayCreate });
  } catch (error) {
    await stopServer(identity);
    throw error;
  }
  return {
    url: databaseUrl({ port, password }, database),
    password,
    pid: identity.pid,
    port,
    ended,
    reused,
    stop: stopOnce(identity, clusterDir),
  };
}

interface Cluster {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
  readonly wantedPort: number | undefined;
}

interface Server {
  readonly identity: ProcessIdentity;
  readonly port: number;
  readonly ended: Promise<void>;
  readonly reused: boolean;
}

async function makeDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toDataDirError(`cannot create data directory ${dataDir}`, error);
  });
}

async function obtainServer(cluster: Cluster, password: string): Promise<Server> {
  const { wantedPort } = cluster;
  const findPort = wantedPort === undefined ? findFreePort : () => Promise.resolve(wantedPort);
  const started = performance.now();
  while (performance.now() - started < RIVAL_PATIENCE_MS) {
    const survivor = await findSurvivor(cluster, password);
    if (survivor !== undefined) return survivor;
    const launched = await launchServer({
      ...cluster,
      logFile: join(cluster.dataDir, 'postgres.log'),
      findPort,
    });
    // A server whose starter was killed may not have written its pid file when we looked.
    if (launched !== 'already_running') return { ...launched, reused: false };
    await sleep(RIVAL_PAUSE_MS, undefined, { signal: cluster.signal });
    await removeAbandonedPidFile(cluster.clusterDir);
  }
  throw new PostgresError(
    'postgres.start_failed',
    `another PostgreSQL keeps starting on ${cluster.clusterDir}`,
    {
      hint: 'stop the other process that uses this data directory',
    },
  );
}

/** The server that a killed process left, if it is fit for use; one that is not is stopped, a stale pid file removed. */
async function findSurvivor(cluster: Cluster, password: string): Promise<Server | undefined> {
  const { clusterDir, durable, wantedPort } = cluster;
  const file = await findPidFile(clusterDir);
  if (file === undefined) return undefined;
  const identity = await findPostmaster(clusterDir, file);
  if (identity === undefined) {
    // Of a process that is gone the server removes the file itself; an id that a stranger now has, or that a dead process
    // keeps until its parent has heard of its end, would stop it from starting.
    if (hasProcessId(file.pid)) await removePidFile(cluster);
    return undefined;
  }
  const { port } = file;
  if (
    port !== undefined &&
    file.status === 'ready' &&
    (wantedPort === undefined || port === wantedPort) &&
    (await isUsable({ port, password }, clusterDir, durable))
  ) {
    return { identity, port, reused: true, ended: whenEnded(identity) };
  }
  await stopServer(identity);
  return undefined;
}

function removePidFile({ clusterDir }: Cluster): Promise<void> {
  return rm(join(clusterDir, 'postmaster.pid'), { force: true });
}

function stopOnce(identity: ProcessIdentity, clusterDir: string): () => Promise<void> {
  const stopAtExit = (): void => {
    try {
      const file = parsePidFile(readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8'));
      if (file?.pid === identity.pid) process.kill(identity.pid, 'SIGINT');
    } catch {
      // Gone already, which is what is wanted.
    }
  };
  process.once('exit', stopAtExit);
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= stopServer(identity).finally(() => process.off('exit', stopAtExit)));
}
