import { open, readFile, readlink, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toDataDirError } from './errors.js';
import { findProcess, ps, type ProcessIdentity } from './process.js';

const MAX_PIDFILE_BYTES = 4096;

/** What `postmaster.pid` says (PostgreSQL's miscadmin.h, "LOCK_FILE_LINE"); the port and status come some time after the rest. */
export interface PidFile {
  readonly pid: number;
  readonly dataDir: string;
  readonly port?: number;
  /** `ready` once the server accepts connections; `starting`, `stopping`, `standby` otherwise. */
  readonly status?: string;
}

/** Reads the content of a `postmaster.pid`; undefined when it is not one, or not yet. */
export function parsePidFile(text: string): PidFile | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = parseNumber(lines[0], 2 ** 31 - 1);
  const dataDir = lines[1];
  if (pid === undefined || dataDir === undefined || dataDir === '') return undefined;
  const port = parseNumber(lines[3], 65_535);
  const status = lines[7];
  return {
    pid,
    dataDir,
    ...(port === undefined ? {} : { port }),
    ...(status === undefined || status === '' ? {} : { status }),
  };
}

/** The `postmaster.pid` of a cluster, or undefined when there is none that makes sense. @throws PostgresError `datadir.unusable` */
export async function findPidFile(clusterDir: string): Promise<PidFile | undefined> {
  return (await lookAtPidFile(clusterDir))?.content;
}

/** A `postmaster.pid` that is there, whatever it says. */
export interface SeenPidFile {
  /** Undefined when it makes no sense, or not yet. */
  readonly content: PidFile | undefined;
  /** When it was last written, by the clock of the file system, in milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/**
 * The `postmaster.pid` of a cluster; undefined only when there is none: one that cannot be read may be that of a living server.
 *
 * @throws PostgresError `datadir.unusable`
 */
export async function lookAtPidFile(clusterDir: string): Promise<SeenPidFile | undefined> {
  const path = join(clusterDir, 'postmaster.pid');
  let handle;
  try {
    handle = await open(path, 'r');
    const buffer = Buffer.alloc(MAX_PIDFILE_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MAX_PIDFILE_BYTES, 0);
    // Only now: what is written between the two makes it look younger, never older.
    const { mtimeMs } = await handle.stat();
    return { content: parsePidFile(buffer.toString('utf8', 0, bytesRead)), modifiedMs: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toDataDirError(`cannot read ${path}`, error);
  } finally {
    await handle?.close();
  }
}

/**
 * The living process that a `postmaster.pid` names, if it is a server of this very cluster: the id may meanwhile belong to
 * a stranger.
 */
export async function findPostmaster(
  clusterDir: string,
  file: PidFile,
): Promise<ProcessIdentity | undefined> {
  const found = await findProcess(file.pid);
  if (found === undefined) return undefined;
  if (process.platform === 'win32') return found;
  const dirs = [clusterDir, resolve(clusterDir), await realpath(clusterDir).catch(() => clusterDir)];
  if (process.platform !== 'linux') {
    return isServerOf(await ps(file.pid, 'command'), undefined, dirs) ? found : undefined;
  }
  const commandLine = await readFile(`/proc/${file.pid}/cmdline`, 'utf8').catch(() => '');
  // Root without CAP_SYS_PTRACE may not read where a process of another user works.
  const workingDir = await readlink(`/proc/${file.pid}/cwd`).catch(() => undefined);
  return isServerOf(commandLine.replaceAll('\0', ' '), workingDir, dirs) ? found : undefined;
}

/**
 * Whether a command line, its arguments parted by spaces, and a working folder are those of a server on one of the folders.
 * A server works in its data directory, also after that was renamed, and we name it with `-D`, first.
 */
export function isServerOf(
  commandLine: string,
  workingDir: string | undefined,
  dirs: readonly string[],
): boolean {
  const line = `${commandLine} `;
  if (!/(?:^|[\\/])postgres(?:\.exe)? -/.test(line)) return false;
  if (workingDir !== undefined && dirs.includes(workingDir)) return true;
  return dirs.some((dir) => line.includes(`postgres -D ${dir} `) || line.includes(`postgres.exe -D ${dir} `));
}

function parseNumber(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 && value <= max ? value : undefined;
}
