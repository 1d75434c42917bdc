import { BundleError, openCheckpoint, parseLogVerifier, type Checkpoint } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findCheckpoint, findLogState, newestCheckpoint } from '../../db/log-queries.js';
import type { ObjectStore } from '../../objects/port.js';
import { openRegister } from './register.js';
import { behindCopy, foreignCopy, LogFrozenError, otherThanCopy } from './frozen.js';
import { EMPTY_ROOT } from './realms.js';

/** How far a log is: what its database says. */
export interface LogHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A checkpoint that was signed and committed. */
export interface SignedCheckpoint extends LogHead {
  readonly realm: string;
  readonly origin: string;
  readonly note: string;
}

/**
 * Keeps a copy of the newest signed checkpoint outside the database, and refuses to sign when the database is not at least
 * as far: a restored backup or an old replica would else give the same indices to other leaves, a fork that every client
 * takes for an attack.
 *
 * The copy is always read before the database: it never runs ahead of a commit, so a database that is behind it is too old.
 * No call of the object store happens inside a transaction.
 */
export interface ForkGuard {
  /** The copy, its signature checked; undefined when there is none. @throws LogFrozenError when it is not this log's */
  readCopy(): Promise<Checkpoint | undefined>;
  /** Refuses a head that does not continue the copy; `rootAt` gives the root that the database signed at a size. @throws LogFrozenError */
  check(head: LogHead, copy: Checkpoint | undefined, rootAt: RootAt): Promise<void>;
  /** Both, for whoever is about to store something that the log must confirm. @throws LogFrozenError */
  assertOpen(): Promise<void>;
  /**
   * Copies a checkpoint that was committed after `before` was read and checked.
   *
   * @throws LogFrozenError when the copy has moved in the meantime to what this database does not hold
   */
  cover(
    signed: Pick<SignedCheckpoint, 'size' | 'root' | 'note'>,
    before: Checkpoint | undefined,
  ): Promise<void>;
  /** Copies the newest checkpoint of the database unless a copy of `size` or more is known to exist. @throws LogFrozenError */
  catchUp(size: number): Promise<void>;
}

export type RootAt = (size: number) => Promise<Uint8Array | undefined>;

export type GuardReport =
  | { readonly type: 'frozen'; readonly realm: string; readonly error: LogFrozenError }
  | { readonly type: 'thawed'; readonly realm: string }
  | { readonly type: 'copy_missing'; readonly realm: string; readonly size: number };

export interface ForkGuardDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly realm: string;
  readonly origin: string;
  readonly verifierKey: string;
  /** Told once of each change, however often it is asked. */
  readonly report: (report: GuardReport) => void;
}

export function createForkGuard(deps: ForkGuardDeps): ForkGuard {
  const { db, realm, origin, report } = deps;
  const folder = `checkpoints/${realm}`;
  const register = openRegister(deps.objects, folder);
  const verifier = parseLogVerifier(deps.verifierKey);
  let coveredSize = 0;
  let isFrozen = false;
  let isMissing = false;
  let reading: Promise<Checkpoint | undefined> | undefined;
  let opened: { readonly bytes: Uint8Array; readonly copy: Checkpoint } | undefined;

  const open = (bytes: Uint8Array): Checkpoint => {
    // Most often it is the one that was opened last: its signature need not be verified again.
    if (opened && Buffer.compare(opened.bytes, bytes) === 0) return opened.copy;
    try {
      const copy = openCheckpoint(Buffer.from(bytes).toString(), verifier);
      if (copy.origin === origin) {
        opened = { bytes, copy };
        return copy;
      }
    } catch (error) {
      throw error instanceof BundleError ? foreignCopy(origin, folder, error) : error;
    }
    throw foreignCopy(origin, folder);
  };

  const read = async (): Promise<Checkpoint | undefined> => {
    const latest = await register.latest();
    if (latest === undefined) return undefined;
    const copy = open(latest.bytes);
    if (copy.size !== latest.position) throw foreignCopy(origin, folder);
    return copy;
  };

  const compare = async (head: LogHead, copy: Checkpoint | undefined, rootAt: RootAt): Promise<void> => {
    if (copy === undefined) {
      if (head.size > 0 && !isMissing) report({ type: 'copy_missing', realm, size: head.size });
      isMissing = head.size > 0;
      return;
    }
    isMissing = false;
    if (copy.size > head.size) throw behindCopy({ origin, size: head.size }, copy.size);
    const root = copy.size === head.size ? head.root : await rootAt(copy.size);
    if (!root || Buffer.compare(root, copy.root) !== 0)
      throw otherThanCopy({ origin, size: head.size }, copy.size);
  };

  /** Tells about a change only: what is asked every second would else fill the log. */
  const telling = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof LogFrozenError && !isFrozen) {
        isFrozen = true;
        report({ type: 'frozen', realm, error });
      }
      throw error;
    }
  };

  const rootInDatabase: RootAt = async (size) => {
    const note = await findCheckpoint(db, realm, size);
    return note === undefined ? undefined : openCheckpoint(note, verifier).root;
  };

  const readCopy = () => telling(read);
  const check: ForkGuard['check'] = (head, copy, rootAt) =>
    telling(async () => {
      await compare(head, copy, rootAt);
      coveredSize = Math.max(coveredSize, copy?.size ?? 0);
      if (isFrozen) report({ type: 'thawed', realm });
      isFrozen = false;
    });
  const compareNow = async (copy: Checkpoint | undefined): Promise<void> => {
    await check((await findLogState(db, realm)) ?? { size: 0, root: EMPTY_ROOT }, copy, rootInDatabase);
  };
  const cover: ForkGuard['cover'] = ({ size, root, note }, before) =>
    telling(async () => {
      // Somebody wrote a copy since: another process of this database, or one of another database, before a failover.
      if ((await register.position()) !== before?.size) await compareNow(await readCopy());
      const bytes = Buffer.from(note);
      opened = { bytes, copy: { origin, size, root } };
      const held = open(await register.put({ position: size, bytes }));
      if (Buffer.compare(held.root, root) !== 0) throw otherThanCopy({ origin, size }, size);
      coveredSize = Math.max(coveredSize, size);
    });

  return {
    readCopy,
    check,
    cover,
    assertOpen: async () => {
      // Those that ask at the same time share one read; whoever signs reads for itself.
      reading ??= readCopy().finally(() => {
        reading = undefined;
      });
      await compareNow(await reading);
    },
    catchUp: async (size) => {
      if (size <= coveredSize) return;
      const copy = await readCopy();
      const newest = await newestCheckpoint(db, realm);
      const root = newest === undefined ? EMPTY_ROOT : openCheckpoint(newest.note, verifier).root;
      await check({ size: newest?.size ?? 0, root }, copy, rootInDatabase);
      // An empty log needs no copy: there is nothing yet that another one could contradict.
      if (newest !== undefined && newest.size > (copy?.size ?? 0)) await cover({ ...newest, root }, copy);
    },
  };
}
