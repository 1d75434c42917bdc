import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../frame/errors.js';
import { replaceFile } from './replace-file.js';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Bits that let anybody but the owner in. */
const OTHERS = 0o077;

/** Makes a folder that only its owner may enter, and closes one that is open to others. */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  if (((await stat(path)).mode & OTHERS) !== 0 && process.platform !== 'win32')
    await chmod(path, PRIVATE_FOLDER);
}

/**
 * Reads a file that holds a secret; undefined when there is none. One that others can read is closed to them, and said.
 *
 * @param maxBytes refused above this
 */
export async function readPrivateFile(
  path: string,
  maxBytes: number,
  warn: (line: string) => void,
): Promise<string | undefined> {
  let info;
  try {
    info = await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (info.size > maxBytes) {
    throw new CliError('file.too_large', `${path} has ${info.size} bytes, more than ${maxBytes}`, {
      hint: 'move it away',
    });
  }
  if ((info.mode & OTHERS) !== 0 && process.platform !== 'win32') {
    await chmod(path, PRIVATE_FILE);
    warn(
      `${path} could be read by others (mode ${(info.mode & 0o777).toString(8).padStart(4, '0')}); it is 0600 now`,
    );
  }
  return readFile(path, 'utf8');
}

/** Writes a file that only its owner may read, whole or not at all, over an earlier one. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  await replaceFile(path, text, { mode: PRIVATE_FILE, sync: true });
}

/** Writes a new private file. @throws the system's `EEXIST` when there is one */
export async function createPrivateFile(path: string, text: string): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  const file = await open(path, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

const LOCK_RETRY_MS = 25;
const LOCK_WAIT_MS = 10_000;

export interface LockOptions {
  readonly waitMs?: number;
  /** Ends the waiting; not the work, once it has begun. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does what reads a file and writes it again while no other process does that: `FILE.lock` lies beside it so long. The
 * lock of a process that was killed is taken over.
 *
 * @throws CliError `file.busy` when another one is not done within 10 seconds, or `waitMs`; the system's `AbortError`
 *   when `signal` is aborted while it waits
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  { waitMs = LOCK_WAIT_MS, signal }: LockOptions = {},
): Promise<T> {
  const lock = `${path}.lock`;
  await ensurePrivateFolder(dirname(path));
  for (let waitedMs = 0; !(await tryCreate(lock)); waitedMs += LOCK_RETRY_MS) {
    await dropAbandoned(lock);
    if (waitedMs >= waitMs) {
      throw new CliError('file.busy', `another process is changing ${path}`, {
        hint: `try again; if no sheaf is running, one was killed: rm ${lock}`,
      });
    }
    await sleep(LOCK_RETRY_MS, undefined, { signal });
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', PRIVATE_FILE);
    await file.writeFile(`${process.pid} ${randomBytes(6).toString('hex')} ${hostname()}`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a lock away whose process is gone from this machine. What is there instead by then is put back. */
async function dropAbandoned(lock: string): Promise<void> {
  const owner = await readIfThere(lock);
  const [pid = '', , host] = owner.split(' ');
  if (host !== hostname() || !/^[1-9]\d{0,9}$/.test(pid) || isRunning(Number(pid))) return;
  const moved = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, moved);
  } catch {
    // Somebody else was quicker.
    return;
  }
  if ((await readIfThere(moved)) !== owner) await link(moved, lock).catch(() => undefined);
  await rm(moved, { force: true });
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
