import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ensureRealFolder, findFile, isFileError, removeAnything } from '../files.js';

/*
 * A lease says that a process works on something, so that others need not. It guards nothing: whoever ignores it, or
 * takes it over from a process that only slept, does the same work twice, and what both leave is right. It is a numbered
 * file, the highest number counts, and only one process can create the next one.
 */

const HEARTBEAT_MS = 1000;
/** Far more than a busy machine holds a heartbeat back. */
const STALE_MS = 15_000;
const MAX_HOLDER_BYTES = 1024;

/** Held until it is released; its holder's death ends it within seconds, at once on the same machine. */
export interface Lease {
  release(): Promise<void>;
}

/** Takes the lease of a name in a folder, from a dead holder too; undefined while another process holds it. */
export async function takeLease(folder: string, name: string): Promise<Lease | undefined> {
  await ensureRealFolder(folder);
  const numbers = await listNumbers(folder, name);
  const last = numbers.at(-1);
  if (last !== undefined && (await isHeld(pathOf(folder, name, last)))) return undefined;
  const path = pathOf(folder, name, (last ?? 0) + 1);
  try {
    await writeFile(path, `${process.pid} ${hostname()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return undefined;
    throw error;
  }
  for (const number of numbers) await removeAnything(pathOf(folder, name, number));
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Removed with the whole cache, perhaps: then there is nothing to hold.
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await removeAnything(path);
    },
  };
}

/** Whether somebody works on what this name stands for. */
export async function isLeased(folder: string, name: string): Promise<boolean> {
  const last = (await listNumbers(folder, name)).at(-1);
  return last !== undefined && isHeld(pathOf(folder, name, last));
}

function pathOf(folder: string, name: string, number: number): string {
  return join(folder, `${name}.lease.${String(number).padStart(9, '0')}`);
}

async function listNumbers(folder: string, name: string): Promise<readonly number[]> {
  const prefix = `${name}.lease.`;
  try {
    return (await readdir(folder))
      .filter((file) => file.startsWith(prefix) && /^\d{9}$/.test(file.slice(prefix.length)))
      .map((file) => Number(file.slice(prefix.length)))
      .sort((a, b) => a - b);
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    // A clock that was set back makes it no older, so that difference counts in both directions.
    if (Math.abs(Date.now() - mtimeMs) > STALE_MS) return false;
    const text = Buffer.from((await findFile(path, MAX_HOLDER_BYTES)) ?? []).toString('utf8');
    const [, pid, host] = /^(\d{1,10}) (.+)\n$/.exec(text) ?? [];
    // Half-written: its holder has just made it.
    return pid === undefined || host !== hostname() || isAlive(Number(pid));
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isFileError(error, 'ESRCH');
  }
}
