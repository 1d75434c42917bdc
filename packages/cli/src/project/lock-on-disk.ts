import {
  EMPTY_LOCKFILE,
  MAX_LOCKFILE_LENGTH,
  mergeLockfiles,
  parseLockfile,
  proveLockfile,
  splitConflict,
  type Lockfile,
} from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import type { OpenProject } from './open-project.js';
import { readCapped } from './read-capped.js';

type LockPlace = Pick<OpenProject, 'lockPath' | 'lockFile'>;

/** A lockfile, and the text that it was read from: other text may mean the same. */
interface LockOnDisk {
  readonly lock: Lockfile;
  readonly text: string;
}

/**
 * Reads and proves the lockfile of a project; undefined when there is none.
 *
 * @throws ClientError `lock.invalid`, `lock.conflict`, `lock.tampered`
 */
export async function findLock(place: LockPlace): Promise<Lockfile | undefined> {
  return (await findLockOnDisk(place))?.lock;
}

async function findLockOnDisk({ lockPath, lockFile }: LockPlace): Promise<LockOnDisk | undefined> {
  const text = await findText(lockPath);
  if (text === undefined) return undefined;
  const lock = parseLockfile(text, lockFile);
  proveLockfile(lock);
  return { lock, text };
}

/** @throws as {@link getLockOnDisk} */
export async function getLock(place: LockPlace, why = ''): Promise<Lockfile> {
  return (await getLockOnDisk(place, why)).lock;
}

/** For who writes it anew. @throws CliError `lock.missing`; as {@link findLock} */
export async function getLockOnDisk(place: LockPlace, why = ''): Promise<LockOnDisk> {
  const found = await findLockOnDisk(place);
  if (found !== undefined) return found;
  throw new CliError('lock.missing', `there is no ${place.lockFile}${why}`, {
    hint: 'run  sheaf lock  and commit sheaf.lock',
  });
}

/** What to start from when a project is locked anew: also both sides of a merge that could not decide. */
export async function readPrevious(
  place: LockPlace,
): Promise<{ readonly lock: Lockfile; readonly text: string | undefined; readonly merged: boolean }> {
  const text = await findText(place.lockPath);
  if (text === undefined) return { lock: EMPTY_LOCKFILE, text, merged: false };
  const sides = splitConflict(text);
  if (sides === undefined) {
    const lock = parseLockfile(text, place.lockFile);
    proveLockfile(lock);
    return { lock, text, merged: false };
  }
  const [ours, theirs] = sides.map((side, i) => {
    const lock = parseLockfile(side, `${place.lockFile} (${i === 0 ? 'ours' : 'theirs'})`);
    proveLockfile(lock);
    return lock;
  });
  return { lock: mergeLockfiles(ours ?? EMPTY_LOCKFILE, theirs ?? EMPTY_LOCKFILE), text, merged: true };
}

async function findText(path: string): Promise<string | undefined> {
  try {
    return await readCapped(path, MAX_LOCKFILE_LENGTH);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
