import type { Db } from '../../db/connection.js';
import { postponeNext, queueProgress } from '../../db/log-queries.js';
import { isDatabaseOutage } from '../../db/outage.js';
import { appendOwn, appendQueued, type Batch, type OwnLeaves } from './append-batch.js';
import type { Seen, SignedCheckpoint } from './fork-guard.js';
import { LogFrozenError } from './frozen.js';
import type { AppendDeps } from './grow.js';
import { createLogMemory } from './log-memory.js';
import { createPlacedVersions, type PlacedVersions } from './placed-versions.js';
import { createTurns } from './turns.js';

export interface SequencerDeps extends AppendDeps {
  readonly db: Db;
  /** Told of each signed checkpoint in turn, after its commit and before `settle` resolves; one that fails holds up nothing. */
  readonly afterAppend: readonly ((signed: SignedCheckpoint) => Promise<void>)[];
  readonly report: (report: SequencerReport) => void;
}

export type SequencerReport =
  /** A batch was appended and committed, in so many milliseconds. */
  | { readonly type: 'batch_appended'; readonly realm: string; readonly leaves: number; readonly ms: number }
  /** A batch of at most `limit` leaves could not be appended; smaller ones are tried. */
  | { readonly type: 'batch_failed'; readonly realm: string; readonly error: unknown; readonly limit: number }
  | { readonly type: 'hook_failed'; readonly realm: string; readonly error: unknown };

/** Gives leaves their index, in batches, and signs a checkpoint for each batch. */
export interface Sequencer {
  /**
   * Resolves when every leaf that was committed to the queue before the call was tried, and those that have their place
   * are covered by a signed checkpoint that has been copied out of the database. One that could not be appended waits on,
   * and one that may not be placed any more is withdrawn: who waits for a leaf asks whether it has its place
   * (`settleLog`). Callers that wait at the same time share one batch; a single caller never waits for a period.
   *
   * @throws LogFrozenError when signing on would fork the log
   */
  settle(): Promise<void>;
  /**
   * The same in two steps: `appended` resolves when the leaves were tried and those that have their places are committed,
   * `settled` as {@link Sequencer.settle} does. Neither needs a handler.
   */
  drain(): { readonly appended: Promise<void>; readonly settled: Promise<void> };
  /**
   * Appends leaves that never were in the queue, in the transaction that writes what they record: resolves when it is
   * committed and the batch before it is copied. `settled` is that of {@link Sequencer.drain}, and needs no handler.
   *
   * @throws whatever ends the transaction; nothing is stored then
   */
  append<T>(own: OwnLeaves<T>): Promise<{ readonly value: T; readonly settled: Promise<void> }>;
  /** The versions that this process has placed lately. */
  readonly placed: PlacedVersions;
}

const BATCH_LIMIT = 500;

/**
 * Any number of processes may sequence the same log: appending holds the row lock of the log's state, so there
 * is one writer at a time and no leader to elect or to lose.
 */
export function createSequencer(deps: SequencerDeps): Sequencer {
  const { db, realm, guard, report } = deps;
  const known = { memory: createLogMemory(db, realm), placed: createPlacedVersions() };
  const takeTurn = createTurns<Seen>();
  /** The drain that has not begun. */
  let next: Promise<Drained> | undefined;
  /** The copying of the batch that was appended last, and of those before it. Resolves with what it failed with. */
  let copied: Promise<unknown> = Promise.resolve();

  const copy = async (signed: SignedCheckpoint): Promise<unknown> => {
    try {
      await guard.cover(signed);
      await runHooks(deps, signed);
      return undefined;
    } catch (error) {
      return error ?? new Error('the checkpoint could not be copied');
    }
  };

  /** After a commit: has somebody else written a copy since? One look serves this batch and the next. */
  const beginCopy = async (signed: SignedCheckpoint): Promise<{ seen: Seen; own: Promise<unknown> }> => {
    await deps.failpoint('sequencer.after_commit');
    const seen = await guard.look();
    await guard.assertOurs(seen);
    // One batch is appended while the one before it is copied, and never more.
    await copied;
    const own = (copied = copy(signed));
    return { seen, own };
  };

  const drainQueued = async (before: Seen | undefined): Promise<Drained> => {
    // What waits when the drain begins is tried once; what comes later has a drain of its own. One batch mostly takes it all.
    let waiting = Number.POSITIVE_INFINITY;
    let size = 0;
    let seen = before;
    let own: Promise<unknown> | undefined;
    let limit = BATCH_LIMIT;
    while (waiting > 0) {
      seen ??= await guard.look();
      let batch: Batch;
      const startedMs = performance.now();
      try {
        batch = await appendQueued(deps, known, seen, limit);
      } catch (error) {
        if (isDatabaseOutage(error) || error instanceof LogFrozenError) throw error;
        report({ type: 'batch_failed', realm, error, limit });
        const progress = await queueProgress(db, realm);
        waiting = Math.min(waiting, progress.waiting);
        // What others have placed meanwhile is confirmed as well.
        size = Math.max(size, progress.size);
        // Nothing that one leaf does may hold up the others: smaller batches find it, and it goes to the end.
        if (limit > 1) limit = Math.ceil(limit / 8);
        else {
          await postponeNext(db, realm);
          waiting -= 1;
        }
        seen = undefined;
        continue;
      }
      size = batch.size;
      if (batch.taken > 0)
        report({ type: 'batch_appended', realm, leaves: batch.taken, ms: performance.now() - startedMs });
      const { signed } = batch;
      // It holds more than fits: so many more are tried.
      if (batch.taken >= limit && waiting === Number.POSITIVE_INFINITY)
        waiting = batch.taken + (await queueProgress(db, realm)).waiting;
      waiting = batch.taken < limit && limit === BATCH_LIMIT ? 0 : waiting - batch.taken;
      if (batch.taken === 0) break;
      if (!signed) continue;
      ({ seen, own } = await beginCopy(signed));
    }
    const confirmed = confirm(size, own);
    // Whoever asked for this drain is told; nobody else waits for it.
    confirmed.catch(() => undefined);
    return { seen, confirmed };
  };

  const confirm = async (size: number, own: Promise<unknown> | undefined): Promise<void> => {
    const failure = await (own ?? copied);
    if (own !== undefined && failure !== undefined) throw failure as Error;
    // What another process placed, or this one before a failure, may not have been copied yet.
    await guard.catchUp(size);
  };

  const drainNext = (): Promise<Drained> => {
    // The running one may have read the queue before our leaf was there: only one that begins later is sure to hold it.
    next ??= takeTurn((before) => {
      next = undefined;
      return drainQueued(before);
    });
    return next;
  };

  const drain: Sequencer['drain'] = () => {
    const drained = drainNext();
    const appended = drained.then(() => undefined);
    const settled = drained.then(({ confirmed }) => confirmed);
    for (const each of [appended, settled]) each.catch(() => undefined);
    return { appended, settled };
  };

  const appendReported = async <T>(seen: Seen, own: OwnLeaves<T>) => {
    try {
      return await appendOwn(deps, known, seen, own);
    } catch (error) {
      const isKnown = own.isRefusal(error) || isDatabaseOutage(error) || error instanceof LogFrozenError;
      if (!isKnown) report({ type: 'batch_failed', realm, error, limit: own.leaves.length });
      throw error;
    }
  };

  const append: Sequencer['append'] = (own) =>
    takeTurn(async (before) => {
      const startedMs = performance.now();
      const { value, signed } = await appendReported(before ?? (await guard.look()), own);
      report({ type: 'batch_appended', realm, leaves: own.leaves.length, ms: performance.now() - startedMs });
      // It is stored: what fails from here on, those are told who wait for it to be confirmed.
      const begun = beginCopy(signed);
      const settled = begun.then(({ own: copying }) => confirm(signed.size, copying));
      settled.catch(() => undefined);
      const seen = await begun.then(
        (copying) => copying.seen,
        () => undefined,
      );
      return { seen, value, settled };
    });

  return { settle: () => drain().settled, drain, append, placed: known.placed };
}

/** A drain whose leaves have their places. */
interface Drained {
  /** What was read last: the next drain that follows at once need not read it again. */
  readonly seen: Seen | undefined;
  /** Wrapped, so that it is not waited for with the appending: settles when the leaves are copied as well. */
  readonly confirmed: Promise<void>;
}

async function runHooks(deps: SequencerDeps, signed: SignedCheckpoint): Promise<void> {
  for (const hook of deps.afterAppend) {
    await hook(signed).catch((error: unknown) => {
      deps.report({ type: 'hook_failed', realm: deps.realm, error });
    });
  }
}
