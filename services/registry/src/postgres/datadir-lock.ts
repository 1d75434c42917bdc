import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeNewFile } from '../objects/durable-files.js';
import { PostgresError, toDataDirError } from './errors.js';
import { findProcess, isAlive, type ProcessIdentity } from './process.js';

const MAX_ATTEMPTS = 50;
const RELEASED = 'released';

export interface DataDirLock {
  /** Gives the folder free. Calling it again does nothing. */
  release(): Promise<void>;
}

export interface LockDeps {
  /** Whether that very process still lives. */
  readonly isAlive: (holder: ProcessIdentity) => Promise<boolean>;
}

/**
 * Takes the folder (created with mode 0700 when absent) for this process: one registry per data directory. A holder that
 * was killed holds nothing: the next caller sees that its process is gone and takes over; of several callers one wins.
 *
 * The lock is a folder `lock` of numbered generations, each a file naming a process. The highest one rules. To take the
 * lock is to create the next generation, which the file system lets only one process do; the highest is never removed, so
 * a slow rival, which still believes in an older one, finds a higher one after its own and withdraws.
 *
 * Processes are told apart by id and start time, so the folder must not be shared between machines or between
 * containers with process ids of their own.
 *
 * Errors: `datadir.locked` names the holder and the folder; `datadir.unusable` when the folder cannot be written.
 */
export async function lockDataDir(dir: string, deps: LockDeps = { isAlive }): Promise<DataDirLock> {
  const dataDir = resolve(dir);
  try {
    return await acquire(deps, dataDir);
  } catch (error) {
    throw toDataDirError(`cannot lock data directory ${dataDir}`, error);
  }
}

async function acquire(deps: LockDeps, dataDir: string): Promise<DataDirLock> {
  const folder = join(dataDir, 'lock');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const self = (await findProcess(process.pid)) ?? { pid: process.pid, started: '' };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const newest = await newestGeneration(folder);
    const holder = await findHolder(folder, newest);
    if (holder !== undefined && (await deps.isAlive(holder))) throw locked(dataDir, holder);
    const mine = newest + 1;
    if (!(await claim(folder, mine, JSON.stringify(self)))) continue;
    if ((await newestGeneration(folder)) !== mine) {
      await rm(join(folder, String(mine)), { force: true });
      continue;
    }
    await removeOlder(folder, mine);
    return { release: releaseOnce(folder, mine) };
  }
  throw new PostgresError('datadir.locked', `data directory ${dataDir} is being taken by other processes`, {
    hint: 'start one registry at a time on a data directory',
  });
}

/** The highest generation, 0 when there is none. */
async function newestGeneration(folder: string): Promise<number> {
  return Math.max(0, ...(await listGenerations(folder)));
}

async function listGenerations(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number);
}

/** The process that a generation names; undefined when it was released, is gone or, after a power cut, unreadable. */
async function findHolder(folder: string, generation: number): Promise<ProcessIdentity | undefined> {
  try {
    return parseHolder(await readFile(join(folder, String(generation)), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads the content of a lock file; undefined for anything but a process identity. */
export function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value))
      return undefined;
    const { pid, started } = value;
    if (typeof pid !== 'number' || typeof started !== 'string') return undefined;
    return { pid, started };
  } catch {
    return undefined;
  }
}

/** Creates the generation with its whole content at once; false when another process did. */
async function claim(folder: string, generation: number, content: string): Promise<boolean> {
  const temporary = await writeTemporary(folder, content);
  try {
    await link(temporary, join(folder, String(generation)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeTemporary(folder: string, content: string): Promise<string> {
  const path = join(folder, `new-${process.pid}-${randomBytes(8).toString('hex')}`);
  await writeNewFile(path, content);
  return path;
}

/** Removes what is left of earlier holders. Only the holder calls this, and only below its own generation. */
async function removeOlder(folder: string, mine: number): Promise<void> {
  const older = (await listGenerations(folder)).filter((generation) => generation < mine);
  await Promise.all(older.map((generation) => rm(join(folder, String(generation)), { force: true })));
}

function releaseOnce(folder: string, generation: number): () => Promise<void> {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    const temporary = await writeTemporary(folder, RELEASED);
    await rename(temporary, join(folder, String(generation)));
  };
  return () => (released ??= release());
}

function locked(dataDir: string, holder: ProcessIdentity): PostgresError {
  return new PostgresError('datadir.locked', `data directory ${dataDir} is in use by process ${holder.pid}`, {
    hint: `stop process ${holder.pid} or choose another data directory`,
  });
}
