import { openCheckpoint, parseLogVerifier, type Checkpoint } from '@sheaf/bundle';
import type { Db } from '../../db/connection.js';
import { markCopied } from '../../db/log-copy-queries.js';
import { findCheckpoint, findLogState, newestCheckpoint } from '../../db/log-queries.js';
import type { ObjectStore } from '../../objects/port.js';
import { behindCopy, LogFrozenError, otherThanCopy } from './frozen.js';
import { copiesRace, openLogCopies } from './log-copies.js';
import { checkClocks } from './log-time.js';
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
   * Refuses a head that does not continue what was seen before the head was read, and one that is about to be signed with a
   * clock that is far ahead; `rootAt` gives the root that the database signed at a size.
   *
   * @throws LogFrozenError
   */
  check(head: CheckedHead, seen: Seen, rootAt: RootAt): Promise<void>;
  /** Both, for whoever is about to store something that the log must confirm. @throws LogFrozenError */
  assertOpen(): Promise<void>;
  /** Refuses a copy that somebody else wrote and that this database does not hold. @throws LogFrozenError */
  assertOurs(seen: Seen): Promise<void>;
  /**
   * Copies a checkpoint that was committed, unless a larger one is copied that continues it, and lets it be shown. One
   * after the other, in the order of their sizes.
   *
   * @throws LogFrozenError when a copy is there that this database does not hold
   */
  cover(signed: Pick<SignedCheckpoint, 'size' | 'root' | 'note'>): Promise<void>;
  /** Copies the newest checkpoint of the database unless a copy of `size` or more is known to exist. @throws LogFrozenError */
  catchUp(size: number): Promise<void>;
}

/** A head, and when it was read for signing what its time is taken from. */
export interface CheckedHead extends LogHead {
  readonly last_time?: number;
  /** The database's clock, in seconds since the epoch. */
  readonly clock?: number;
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
  | { readonly type: 'copy_missing'; readonly realm: string; readonly size: number }
  /** The time of the newest leaf is more than an hour ahead of the database's clock: leaves get that time until it is not. */
  | { readonly type: 'time_ahead'; readonly realm: string; readonly lastSeconds: number };

export interface ForkGuardDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly realm: string;
  readonly origin: string;
  readonly verifierKey: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told once of each change, however often it is asked. */
  readonly report: (report: GuardReport) => void;
}

/** Others may write copies at the same time, but not for ever. */
const MAX_ROUNDS = 20;

export function createForkGuard(deps: ForkGuardDeps): ForkGuard {
  const { db, realm, origin, report } = deps;
  const folder = `checkpoints/${realm}`;
  const verifier = parseLogVerifier(deps.verifierKey);
  const copies = openLogCopies({ objects: deps.objects, origin, verifier, folder });
  /** What this process knows to be copied, and has noted in the database. */
  let coveredSize = 0;
  let isFrozen = false;
  let isMissing = false;
  let isAhead = false;
  let asking: Promise<void> | undefined;
  const own = createOwnHistory();
  const read = async (): Promise<Seen> => ({ copy: await copies.read(), own: own.newest() });

  const compare = async (head: LogHead, seen: Seen, rootAt: RootAt): Promise<void> => {
    // What is on its way to its first copy is not missing.
    const isFirst = copies.last() === undefined && seen.own !== undefined;
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

  const checkTime = ({ last_time: lastSeconds = 0, clock: databaseSeconds }: CheckedHead): void => {
    if (databaseSeconds === undefined) return;
    const ownSeconds = deps.now() / 1000;
    const isAheadNow = checkClocks(origin, { ownSeconds, databaseSeconds, lastSeconds }) === 'time_ahead';
    if (isAheadNow && !isAhead) report({ type: 'time_ahead', realm, lastSeconds });
    isAhead = isAheadNow;
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
      checkTime(head);
      if (isFrozen) report({ type: 'thawed', realm });
      isFrozen = false;
    });
  const compareNow = async (seen: Seen): Promise<void> => {
    await check((await findLogState(db, realm)) ?? { size: 0, root: EMPTY_ROOT }, seen, rootInDatabase);
  };
  const assertOurs = async (seen: Seen): Promise<void> => {
    if (seen.copy === undefined) return;
    const newest = own.newest();
    const root = newest && own.rootAt(newest, seen.copy.size);
    if (root === undefined || Buffer.compare(root, seen.copy.root) !== 0) await compareNow(seen);
  };

  const cover: ForkGuard['cover'] = ({ size, root, note }) =>
    telling(async () => {
      let before = copies.last();
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        // What is there was written by this process, by another one of this database, or by one of another database.
        await assertOurs({ copy: before, own: own.newest() });
        const isThere = before !== undefined && before.size >= size;
        if (isThere || (await copies.append({ origin, size, root, note }, before))) {
          await markCopied(db, realm, size);
          coveredSize = Math.max(coveredSize, size);
          return;
        }
        before = await copies.read();
      }
      throw copiesRace(folder);
    });

  return {
    own,
    look,
    check,
    cover,
    assertOpen: async () => {
      // Those that ask at the same time share one answer; whoever signs looks for itself.
      asking ??= look()
        .then(compareNow)
        .finally(() => {
          asking = undefined;
        });
      await asking;
    },
    assertOurs,
    catchUp: async (size) => {
      if (size <= coveredSize) return;
      const seen = await look();
      const newest = await newestCheckpoint(db, realm);
      const root = newest === undefined ? EMPTY_ROOT : openCheckpoint(newest.note, verifier).root;
      await check({ size: newest?.size ?? 0, root }, seen, rootInDatabase);
      // An empty log needs no copy: there is nothing yet that another one could contradict.
      if (newest !== undefined && newest.size > 0) await cover({ ...newest, root });
    },
  };
}

/** What a head must continue: the copy, and what this process committed beyond it. */
function newestFirst({ copy, own }: Seen): readonly LogHead[] {
  if (copy === undefined) return own === undefined ? [] : [own];
  return own === undefined || own.size <= copy.size ? [copy] : [own, copy];
}
