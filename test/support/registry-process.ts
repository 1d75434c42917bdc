import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { cleanEnvironment, REGISTRY_BIN } from './registry-environment.js';

const run = promisify(execFile);

export interface RegistryProcess {
  readonly pid: number;
  readonly url: string;
  readonly dataDir: string;
  readonly ownerToken: string;
  /** What it wrote to stderr so far. */
  logged(): string;
  /** Resolves with the signal when the process ends by one. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Ends the process as a power cut would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The program; by default the one that this repository has built. */
  readonly bin?: string;
}

export function makeTempDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sheaf e2e-'));
}

export function removeDir(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Starts the built registry as a process of its own, on its embedded database. What this repository has built begins with a
 * copy of a database that is ready, unless there is one or it is told to use another.
 */
export async function startRegistryProcess({
  dataDir,
  port = 0,
  env = {},
  bin = REGISTRY_BIN,
}: StartOptions): Promise<RegistryProcess> {
  if (bin === REGISTRY_BIN && env['DATABASE_URL'] === undefined) await beginWithDatabase(dataDir);
  const child = spawn(process.execPath, [bin, 'serve', '--port', String(port), '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), SHEAF_LOG_LEVEL: 'error', ...env },
  });
  let talk = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (talk += text));
  const url = await listening(child, () => talk);
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    assertDeclared(talk);
  };
  return {
    pid: child.pid ?? 0,
    url,
    dataDir,
    ownerToken: (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim(),
    logged: () => talk,
    ended,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** What a registry logs, once, of a problem that its description of the API does not know; see its `openapi/undeclared.ts`. */
const UNDECLARED = 'a problem was answered that the description of the API does not name';

/** @throws Error when the log of a registry tells of such a problem */
function assertDeclared(log: string): void {
  const found = log.split('\n').filter((line) => line.includes(UNDECLARED));
  if (found.length > 0)
    throw new Error(`name these among the problems of the operation:\n${found.join('\n')}`);
}

/** Copies what a first start spends most of its time on, and which is done once for all tests, into a new data directory. */
export async function beginWithDatabase(dataDir: string): Promise<void> {
  if (existsSync(join(dataDir, 'postgres'))) return;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const ready = inject('readyDataDir');
  await run('cp', ['-a', join(ready, 'postgres'), join(ready, 'postgres-password'), dataDir]);
}

/** Runs `serve` where it cannot start, and returns how it says so. */
export async function failToStart(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [REGISTRY_BIN, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), ...env },
  });
  let talk = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (talk += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, talk };
}

function listening(child: ChildProcess, logged: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => {
      reject(new Error(`the registry ended with ${code}: ${logged()}`));
    });
  });
}

/** URL of the private database that a running registry keeps in its data directory. */
export async function privateDatabaseUrl(dataDir: string): Promise<string> {
  const password = (await readFile(join(dataDir, 'postgres-password'), 'utf8')).trim();
  // The fourth line of this file is the port (PostgreSQL's miscadmin.h, "LOCK_FILE_LINE_PORT").
  const port = (await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[3] ?? '';
  return `postgres://sheaf:${password}@127.0.0.1:${port.trim()}/sheaf`;
}
