import { open, readlink, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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

/** The `postmaster.pid` of a cluster, or undefined when there is none that makes sense. */
export async function findPidFile(clusterDir: string): Promise<PidFile | undefined> {
  let handle;
  try {
    handle = await open(join(clusterDir, 'postmaster.pid'), 'r');
  } catch {
    return undefined;
  }
  try {
    const buffer = Buffer.alloc(MAX_PIDFILE_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MAX_PIDFILE_BYTES, 0);
    return parsePidFile(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/**
 * The living process that a `postmaster.pid` names, if it is a server of this very cluster: the id may meanwhile belong to
 * a stranger. A server works in its data directory and carries it in its command line.
 */
export async function findPostmaster(
  clusterDir: string,
  file: PidFile,
): Promise<ProcessIdentity | undefined> {
  const found = await findProcess(file.pid);
  if (found === undefined) return undefined;
  if (process.platform === 'win32') return found;
  const real = await realpath(clusterDir);
  if (process.platform === 'linux') {
    const workingDir = await readlink(`/proc/${file.pid}/cwd`).catch(() => undefined);
    return workingDir === real ? found : undefined;
  }
  const command = await ps(file.pid, 'command');
  const named = command.includes(`-D ${resolve(clusterDir)} `) || command.includes(`-D ${real} `);
  return named ? found : undefined;
}

function parseNumber(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 && value <= max ? value : undefined;
}
