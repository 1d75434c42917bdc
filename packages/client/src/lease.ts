import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { lstat, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { findFile, isFileError, removeAnything } from './files.js';

/*
 * A lease keeps other processes away from something. It is a numbered file, and only one process can create the next one.
 * Whoever read the folder before the last holder let go may create another number than whoever read it after, so each
 * looks again once its own file is there: of two, the later sees the earlier, and gives up. Only a holder removes what the
 * dead left behind.
 *
 * A process that is stopped for longer than a lease lives without heartbeats has lost it, and does not know: what it does
 * then must be harmless, as a download is that is made twice, or a file that is replaced as a whole.
 */

const HEARTBEAT_MS = 1000;
/** Far more than a busy machine holds a heartbeat back. */
const STALE_MS = 15_000;
/** A file that does not say whose it is: its holder has just made it, or was killed while doing so. */
const NAMELESS_MS = 2000;
const MAX_HOLDER_BYTES = 1024;

/** Held until it is released; its holder's death ends it within seconds, at once on the same machine. */
export interface Lease {
  /** Lets another process take it. */
  release(): Promise<void>;
}

/**
 * Takes the lease of a name in a folder, from a dead holder too; undefined while another process holds it. The folder has
 * to be there, and the caller's own: whoever writes in it can take any lease.
 */
export async function takeLease(folder: string, name: string): Promise<Lease | undefined> {
  const before = await listNumbers(folder, name);
  if (await isOneHeld(folder, name, before)) return undefined;
  const own = (before.at(-1) ?? 0) + 1;
  const path = pathOf(folder, name, own);
  const holder = `${process.pid} ${machine()} ${randomBytes(8).toString('hex')}\n`;
  try {
    await writeFile(path, holder, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return undefined;
    throw error;
  }
  const letGo = async (): Promise<void> => {
    // After a lease was lost, another process may have the same number.
    if ((await readHolder(path)) === holder) await removeAnything(path);
  };
  const others = (await listNumbers(folder, name)).filter((number) => number !== own);
  if ((await readHolder(path)) !== holder || (await isOneHeld(folder, name, others))) {
    await letGo();
    return undefined;
  }
  for (const number of others) await removeAnything(pathOf(folder, name, number));
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Removed with the whole folder, perhaps: then there is nothing to hold.
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await letGo();
    },
  };
}

/** Whether somebody works on what this name stands for. */
export async function isLeased(folder: string, name: string): Promise<boolean> {
  return isOneHeld(folder, name, await listNumbers(folder, name));
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

async function isOneHeld(folder: string, name: string, numbers: readonly number[]): Promise<boolean> {
  for (const number of numbers) if (await isHeld(pathOf(folder, name, number))) return true;
  return false;
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await lstat(path);
    // A clock that was set back makes it no older, so that difference counts in both directions.
    const ageMs = Math.abs(Date.now() - mtimeMs);
    if (ageMs > STALE_MS) return false;
    const [, pid, where] =
      /^(\d{1,10}) (\S+(?: pid:\S+)?)(?: [0-9a-f]{16})?\n$/.exec(await readHolder(path)) ?? [];
    if (pid === undefined) return ageMs < NAMELESS_MS;
    return where !== machine() || isAlive(Number(pid));
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<string> {
  return Buffer.from((await findFile(path, MAX_HOLDER_BYTES)) ?? []).toString('utf8');
}

let named: string | undefined;

/** Where a process id means something: containers may share a folder and even the name of their host. */
function machine(): string {
  named ??= [hostname().replace(/\s/g, '-'), pidNamespace()].filter((part) => part !== undefined).join(' ');
  return named;
}

/** Linux: `pid:[4026531836]`. */
function pidNamespace(): string | undefined {
  try {
    const link = readlinkSync('/proc/self/ns/pid');
    return /^pid:\S+$/.test(link) ? link : undefined;
  } catch {
    return undefined;
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
