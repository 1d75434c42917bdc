import { BundleError, openCheckpoint, type Checkpoint, type LogVerifier } from '@sheaf/bundle';
import { ObjectStoreError, type ObjectStore } from '../../objects/port.js';
import { foreignCopy } from './frozen.js';
import { openRegister } from './register.js';

/** Copies of the checkpoints of one log in the object store. */
export interface LogCopies {
  /** The newest, its signature checked; undefined when there is none. @throws LogFrozenError when it is not this log's */
  read(): Promise<Checkpoint | undefined>;
  /** The newest that this process has read or written. */
  last(): Checkpoint | undefined;
  /**
   * Adds a copy right after another one, or as the first: a compare-and-swap. Returns false when something else stands
   * there, or later: somebody was faster, and what they wrote has to be read.
   *
   * @param after what was read before; smaller than the copy
   * @throws ObjectStoreError
   */
  append(copy: Checkpoint & { readonly note: string }, after: Checkpoint | undefined): Promise<boolean>;
}

export interface LogCopiesDeps {
  readonly objects: ObjectStore;
  readonly origin: string;
  readonly verifier: LogVerifier;
  /** An object key that nothing else is stored at or below. */
  readonly folder: string;
}

/** More copies than are written at a time. */
const MAX_OPENED = 8;

/**
 * A copy stands at the position that follows from the one before it: that one's size and one more. So whoever goes on
 * from the same copy writes to the same position, however many leaves they add, and only the first succeeds. A checkpoint is
 * never smaller than its position: an older one cannot be put in the place of a newer one.
 */
export function openLogCopies({ objects, origin, verifier, folder }: LogCopiesDeps): LogCopies {
  const register = openRegister(objects, folder);
  /** By position: they never change, so each is read and its signature verified once. */
  const opened = new Map<number, Checkpoint>();
  let last: Checkpoint | undefined;

  const remember = (position: number, copy: Checkpoint): Checkpoint => {
    opened.set(position, copy);
    for (const oldest of opened.keys()) {
      if (opened.size <= MAX_OPENED) break;
      opened.delete(oldest);
    }
    // Looks that run at the same time may end in another order.
    if (last === undefined || copy.size > last.size) last = copy;
    return copy;
  };

  const open = (position: number, bytes: Uint8Array): Checkpoint => {
    try {
      const copy = openCheckpoint(Buffer.from(bytes).toString(), verifier);
      if (copy.origin === origin && copy.size >= position) return copy;
    } catch (error) {
      throw error instanceof BundleError ? foreignCopy(origin, folder, error) : error;
    }
    throw foreignCopy(origin, folder);
  };

  return {
    last: () => last,
    read: async () => {
      const position = await register.position();
      if (position === undefined) return undefined;
      const known = opened.get(position);
      if (known !== undefined) return known;
      const bytes = await register.at(position);
      // Removed since the listing means that a higher one is there.
      const latest = bytes === undefined ? await register.latest() : { position, bytes };
      return latest && remember(latest.position, open(latest.position, latest.bytes));
    },
    append: async ({ size, root, note }, after) => {
      const position = (after?.size ?? 0) + 1;
      if (size < position)
        throw new Error(`a copy of size ${size} cannot follow one of size ${position - 1}`);
      const bytes = Buffer.from(note);
      const held = await register.put({ position, bytes });
      if (Buffer.compare(held, bytes) !== 0) return false;
      // The position may have been taken before, and its document removed because of newer ones.
      if ((await register.position()) !== position) return false;
      remember(position, { origin, size, root });
      return true;
    },
  };
}

/** @throws ObjectStoreError for copies that others write faster than they can be read */
export function copiesRace(folder: string): ObjectStoreError {
  return new ObjectStoreError(
    'object.unavailable',
    `the copies in ${folder} change as fast as they are read`,
  );
}
