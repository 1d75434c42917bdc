import { chmod, open, readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDurableFolder, syncFolder, takeLease, type Lease } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { replaceFile } from './replace-file.js';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** Bits that let anybody but the owner in. */
const OTHERS = 0o077;

/** Makes a folder that only its owner may enter, durably, and closes one that is open to others. */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await ensureDurableFolder(path);
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

/** Writes a file that only its owner may read, whole or not at all, over an earlier one; on the disk when this returns. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  await replaceFile(path, text, { mode: PRIVATE_FILE, sync: true });
  await syncFolder(dirname(path));
}

/** Writes a new private file, on the disk when this returns. @throws the system's `EEXIST` when there is one */
export async function createPrivateFile(path: string, text: string): Promise<void> {
  await ensurePrivateFolder(dirname(path));
  const file = await open(path, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;
/** Longer than the lease of a process lives that nobody hears of any more. */
const LOCK_WAIT_MS = 20_000;

export interface LockOptions {
  readonly waitMs?: number;
  /** Ends the waiting; not the work, once it has begun. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does what reads a file and writes it again while no other process does that: a lease lies beside it so long. That of a
 * process that was killed, at whatever moment, is taken over.
 *
 * @throws CliError `file.busy` when another one is not done within 20 seconds, or `waitMs`; the system's `AbortError`
 *   when `signal` is aborted while it waits
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  { waitMs = LOCK_WAIT_MS, signal }: LockOptions = {},
): Promise<T> {
  await ensurePrivateFolder(dirname(path));
  const lease = await waitForLease(path, waitMs, signal);
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

async function waitForLease(path: string, waitMs: number, signal: AbortSignal | undefined): Promise<Lease> {
  let waitedMs = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    const lease = await takeLease(dirname(path), basename(path));
    if (lease !== undefined) return lease;
    if (waitedMs >= waitMs)
      throw new CliError('file.busy', `another process is changing ${path}`, {
        hint: 'try again when it is done; a process that was killed holds nothing for longer than 15 seconds',
      });
    // At random, so that two do not meet for ever.
    const nextMs = pauseMs * (0.5 + Math.random());
    await sleep(nextMs, undefined, { signal });
    waitedMs += nextMs;
  }
}
