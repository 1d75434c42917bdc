import { spawn, type ChildProcess } from 'node:child_process';
import { open, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresError, USE_OWN_SERVER } from './errors.js';
import type { PostgresBinaries } from './locate.js';
import { classifyStartFailure, lastLine, type StartFailure } from './log-text.js';
import { findPidFile } from './pidfile.js';
import { findProcess, type ProcessIdentity } from './process.js';
import { commandFor, serverEnvironment, type RunAs } from './run-as.js';
import { stopServer } from './stop.js';

const POLL_MS = 10;
const MAX_PORT_ATTEMPTS = 10;
const SHARED_MEMORY_PATIENCE_MS = 20_000;
const SHARED_MEMORY_RETRY_MS = 200;
/** A start after a crash replays the log; at most `max_wal_size` of it. */
const START_PATIENCE_MS = 180_000;
const MAX_LOG_BYTES = 1024 * 1024;
const MAX_LOG_READ_BYTES = 64 * 1024;

export interface LaunchOptions {
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly clusterDir: string;
  /** Where the server writes its log; the one before is kept as `<logFile>.1` once it passes 1 MiB. */
  readonly logFile: string;
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Gives a port that is probably free. */
  readonly findPort?: () => Promise<number>;
}

export interface Launched {
  readonly identity: ProcessIdentity;
  readonly port: number;
  /** Resolves when the server is gone. */
  readonly ended: Promise<void>;
}

/**
 * Starts a server on the cluster, in a session of its own (a Ctrl-C in the terminal is not its business), and resolves when
 * it accepts connections on 127.0.0.1. Resolves to `already_running` when another server holds the cluster.
 * Errors: `postgres.unavailable` when it cannot run at all, `postgres.port_taken` and `postgres.start_failed`
 * with the reason from its log.
 */
export async function launchServer(options: LaunchOptions): Promise<Launched | 'already_running'> {
  const findPort = options.findPort ?? findFreePort;
  const started = performance.now();
  let portAttempts = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    const outcome = await attempt(options, await findPort());
    if (!('failure' in outcome)) return outcome;
    if (outcome.failure === 'already_running') return 'already_running';
    if (outcome.failure === 'port_taken' && (portAttempts += 1) < MAX_PORT_ATTEMPTS) continue;
    if (outcome.failure === 'shared_memory_busy' && performance.now() - started < SHARED_MEMORY_PATIENCE_MS) {
      // The backends of a server that was killed end on their own as soon as they notice.
      await sleep(SHARED_MEMORY_RETRY_MS, undefined, { signal: options.signal });
      continue;
    }
    const reason = lastLine(outcome.log) ?? 'it wrote no reason';
    const code = outcome.failure === 'port_taken' ? 'postgres.port_taken' : 'postgres.start_failed';
    throw new PostgresError(code, `PostgreSQL did not start: ${reason}`, {
      hint: `see ${options.logFile}, or ${USE_OWN_SERVER}`,
    });
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the system gave no port'));
      });
    });
  });
}

async function attempt(
  options: LaunchOptions,
  port: number,
): Promise<Launched | { readonly failure: StartFailure; readonly log: string }> {
  await rotateLog(options.logFile);
  const log = await open(options.logFile, 'a', 0o600);
  const { size: logStart } = await log.stat();
  let child: ChildProcess;
  try {
    child = spawnServer(options, port, log.fd);
    // Without this listener a program that cannot be run would end the whole process.
    child.once('error', () => undefined);
    if (child.pid === undefined) throw await notRunnable(options.binaries.postgres, child);
  } finally {
    await log.close();
  }
  child.unref();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const identity = (await findProcess(child.pid)) ?? { pid: child.pid, started: '' };
  try {
    if (await isReady(child, options)) return { identity, port, ended };
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) await stopServer(identity, { immediate: true });
    throw error;
  }
  const text = await readLog(options.logFile, logStart);
  return { failure: classifyStartFailure(text), log: text };
}

function spawnServer(options: LaunchOptions, port: number, logFd: number): ChildProcess {
  const args = ['-D', options.clusterDir, '-p', String(port), ...serverSettings(options)];
  const command = commandFor(options.runAs, options.binaries.postgres, args);
  return spawn(command.file, command.args, {
    ...command.options,
    env: serverEnvironment(process.env),
    stdio: ['ignore', logFd, logFd],
    detached: true,
    windowsHide: true,
  });
}

const IO_METHOD_SINCE = 18;

/** Settings on the command line outrank those of the files, so that an edited file cannot make a durable server careless. */
function serverSettings({ durable, binaries }: LaunchOptions): readonly string[] {
  const sync = durable ? 'on' : 'off';
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '64',
    // PostgreSQL's own default: only what is used is resident, and the indexes of 20,000 workflows fit.
    shared_buffers: '128MB',
    max_wal_size: '256MB',
    // Reads by the backend itself, as before version 18: no processes kept for it, and the database is small.
    ...((binaries.major ?? IO_METHOD_SINCE) >= IO_METHOD_SINCE && { io_method: 'sync' }),
    jit: 'off',
    max_logical_replication_workers: '0',
    fsync: sync,
    synchronous_commit: sync,
    full_page_writes: sync,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // What a client is told it logs itself; statements and row values stay out of the file.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    log_destination: 'stderr',
    logging_collector: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** True when the server accepts connections, false when it ended instead. */
async function isReady(child: ChildProcess, options: LaunchOptions): Promise<boolean> {
  const started = performance.now();
  while (child.exitCode === null && child.signalCode === null) {
    options.signal?.throwIfAborted();
    const file = await findPidFile(options.clusterDir);
    // A file with another process id is one that a dead server left.
    if (file?.pid === child.pid && file?.status === 'ready') return true;
    if (performance.now() - started > START_PATIENCE_MS) {
      throw new PostgresError(
        'postgres.start_failed',
        `PostgreSQL did not become ready within ${START_PATIENCE_MS / 1000} seconds`,
        { hint: `see ${options.logFile}, or ${USE_OWN_SERVER}` },
      );
    }
    await sleep(POLL_MS);
  }
  return false;
}

function notRunnable(program: string, child: ChildProcess): Promise<PostgresError> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const message = `cannot run ${program}: ${error.code ?? 'unknown error'}`;
      resolve(new PostgresError('postgres.unavailable', message, { cause: error }));
    });
  });
}

async function rotateLog(logFile: string): Promise<void> {
  const file = await stat(logFile).catch(() => undefined);
  if (file !== undefined && file.size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

async function readLog(logFile: string, start: number): Promise<string> {
  const handle = await open(logFile, 'r');
  try {
    const buffer = Buffer.alloc(MAX_LOG_READ_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MAX_LOG_READ_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
