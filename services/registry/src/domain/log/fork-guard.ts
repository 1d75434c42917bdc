import { BundleError, openCheckpoint, parseLogVerifier, type Checkpoint } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { findCheckpoint, findLogState, newestCheckpoint } from '../../db/log-queries.js';
import type { ObjectStore } from '../../objects/port.js';
import { openRegister } from './register.js';
import { behindCopy, foreignCopy, LogFrozenError, otherThanCopy } from './frozen.js';
import { createOwnHistory, type LogHead, type OwnHistory } from './own-history.js';
import { EMPTY_ROOT } from './realms.js';

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
 * The same holds for what this process itself committed. No call of the object store happens inside a transaction.
 */
export interface ForkGuard {
  /** What this process has signed itself. */
  readonly own: OwnHistory;
  /** Reads the copy, its signature checked. @throws LogFrozenError when it is not this log's */
  look(): Promise<Seen>;
  /**
   * Refuses a head that does not continue what was seen before the head was read; `rootAt` gives the root that the
   * database signed at a size.
   *
   * @throws LogFrozenError
   */
  check(head: LogHead, seen: Seen, rootAt: RootAt): Promise<void>;
  /** Both, for whoever is about to store something that the log must confirm. @throws LogFrozenError */
  assertOpen(): Promise<void>;
  /** Refuses a copy that somebody else wrote and that this database does not hold. @throws LogFrozenError */
  assertOurs(seen: Seen): Promise<void>;
  /** Copies a checkpoint that was committed. One after the other, in the order of their sizes. @throws LogFrozenError when another one lies there */
  cover(signed: Pick<SignedCheckpoint, 'size' | 'root' | 'note'>): Promise<void>;
  /** Copies the newest checkpoint of the database unless a copy of `size` or more is known to exist. @throws LogFrozenError */
  catchUp(size: number): Promise<void>;
}

/** What is known outside the database of how far the log is. */
export interface Seen {
  /** The copy that was read; undefined when there is none. */
  readonly copy: Checkpoint | undefined;
  /** What this process had committed by then: its copy may still be on its way. */
  readonly own: LogHead | undefined;
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

/** More copies than a log has at a time while it is written. */
const MAX_OPENED = 8;

export function createForkGuard(deps: ForkGuardDeps): ForkGuard {
  const { db, realm, origin, report } = deps;
  const folder = `checkpoints/${realm}`;
  const register = openRegister(deps.objects, folder);
  const verifier = parseLogVerifier(deps.verifierKey);
  let coveredSize = 0;
  let isFrozen = false;
  let isMissing = false;
  let reading: Promise<Seen> | undefined;
  const own = createOwnHistory();
  /** Copies by their sizes: they never change, so each is read and its signature verified once. */
  const opened = new Map<number, Checkpoint>();

  const open = (bytes: Uint8Array): Checkpoint => {
    try {
      const copy = openCheckpoint(Buffer.from(bytes).toString(), verifier);
      if (copy.origin === origin) return copy;
    } catch (error) {
      throw error instanceof BundleError ? foreignCopy(origin, folder, error) : error;
    }
    throw foreignCopy(origin, folder);
  };

  const remember = (copy: Checkpoint): void => {
    opened.set(copy.size, copy);
    for (const size of opened.keys()) {
      if (opened.size <= MAX_OPENED) break;
      opened.delete(size);
    }
  };

  const read = async (): Promise<Seen> => {
    const position = await register.position();
    if (position === undefined) return { copy: undefined, own: own.newest() };
    const known = opened.get(position);
    if (known !== undefined) return { copy: known, own: own.newest() };
    const bytes = await register.at(position);
    // Removed since the listing means that a higher one is there.
    const latest = bytes === undefined ? await register.latest() : { position, bytes };
    if (latest === undefined) return { copy: undefined, own: own.newest() };
    const copy = open(latest.bytes);
    if (copy.size !== latest.position) throw foreignCopy(origin, folder);
    remember(copy);
    return { copy, own: own.newest() };
  };

  const compare = async (head: LogHead, seen: Seen, rootAt: RootAt): Promise<void> => {
    // What is on its way to its first copy is not missing.
    const isFirst = coveredSize === 0 && seen.own !== undefined;
    if (seen.copy === undefined && head.size > 0 && !isMissing && !isFirst)
      report({ type: 'copy_missing', realm, size: head.size });
    isMissing = seen.copy === undefined && head.size > 0;
    for (const signed of newestFirst(seen)) {
      if (signed.size > head.size) throw behindCopy({ origin, size: head.size }, signed.size);
      const root =
        signed.size === head.size
          ? head.root
          : (own.rootAt(head, signed.size) ?? (await rootAt(signed.size)));
      if (!root || Buffer.compare(root, signed.root) !== 0)
        throw otherThanCopy({ origin, size: head.size }, signed.size);
    }
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

  const look = () => telling(read);
  const check: ForkGuard['check'] = (head, seen, rootAt) =>
    telling(async () => {
      await compare(head, seen, rootAt);
      coveredSize = Math.max(coveredSize, seen.copy?.size ?? 0);
      if (isFrozen) report({ type: 'thawed', realm });
      isFrozen = false;
    });
  const compareNow = async (seen: Seen): Promise<void> => {
    await check((await findLogState(db, realm)) ?? { size: 0, root: EMPTY_ROOT }, seen, rootInDatabase);
  };
  const cover: ForkGuard['cover'] = ({ size, root, note }) =>
    telling(async () => {
      const bytes = Buffer.from(note);
      const held = await register.put({ position: size, bytes });
      // Its own signature need not be verified.
      const copy = Buffer.compare(held, bytes) === 0 ? { origin, size, root } : open(held);
      if (Buffer.compare(copy.root, root) !== 0) throw otherThanCopy({ origin, size }, size);
      remember({ origin, size, root });
      coveredSize = Math.max(coveredSize, size);
    });

  return {
    own,
    look,
    check,
    cover,
    assertOpen: async () => {
      // Those that ask at the same time share one read; whoever signs reads for itself.
      reading ??= look().finally(() => {
        reading = undefined;
      });
      await compareNow(await reading);
    },
    assertOurs: async (seen) => {
      const newest = own.newest();
      if (seen.copy === undefined || newest === undefined) return;
      const root = own.rootAt(newest, seen.copy.size);
      if (root === undefined || Buffer.compare(root, seen.copy.root) !== 0) await compareNow(seen);
    },
    catchUp: async (size) => {
      if (size <= coveredSize) return;
      const seen = await look();
      const newest = await newestCheckpoint(db, realm);
      const root = newest === undefined ? EMPTY_ROOT : openCheckpoint(newest.note, verifier).root;
      await check({ size: newest?.size ?? 0, root }, seen, rootInDatabase);
      // An empty log needs no copy: there is nothing yet that another one could contradict.
      if (newest !== undefined && newest.size > (seen.copy?.size ?? 0)) await cover({ ...newest, root });
    },
  };
}

/** What a head must continue: the copy, and what this process committed beyond it. */
function newestFirst({ copy, own }: Seen): readonly LogHead[] {
  if (copy === undefined) return own === undefined ? [] : [own];
  return own === undefined || own.size <= copy.size ? [copy] : [own, copy];
}
