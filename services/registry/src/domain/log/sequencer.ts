import {
  appendToTiles,
  formatCheckpoint,
  hashLeaf,
  openCheckpoint,
  parseLogVerifier,
  signNote,
  type SigningKey,
  type Tile,
} from '@sheaf/bundle';
import type { Transaction } from 'kysely';
import type { Db } from '../../db/connection.js';
import type { Database } from '../../db/schema.js';
import { admitChannels } from '../../db/channel-queries.js';
import { applyEffects, type PlacedLeaf } from '../../db/log-effects.js';
import {
  type DrainedLeaf,
  drainQueue,
  findCheckpoint,
  findTiles,
  lockLogState,
  postponeNext,
  queueProgress,
  storeAppend,
} from '../../db/log-queries.js';
import { isDatabaseOutage } from '../../db/outage.js';
import { admitTimely } from '../../db/timely-queries.js';
import { admitStates } from '../../db/withdrawals.js';
import type { Failpoint } from '../failpoint.js';
import type { ForkGuard, Seen, SignedCheckpoint } from './fork-guard.js';
import { LogFrozenError } from './frozen.js';
import { placeLeaf } from './leaves.js';
import { createLogMemory, type LogMemory } from './log-memory.js';
import { createPlacedVersions, createProver, type PlacedVersions } from './placed-versions.js';

export interface SequencerDeps {
  readonly db: Db;
  readonly realm: string;
  readonly key: SigningKey;
  readonly guard: ForkGuard;
  /** Told of each signed checkpoint in turn, after its commit and before `settle` resolves; one that fails holds up nothing. */
  readonly afterAppend: readonly ((signed: SignedCheckpoint) => Promise<void>)[];
  /** How long the note of a new checkpoint stays open for what those who are told add to it; not at all when unset. */
  readonly noteOpenForMs?: (realm: string) => number;
  readonly now: () => number;
  readonly failpoint: Failpoint;
  readonly report: (report: SequencerReport) => void;
}

export type SequencerReport =
  /** A batch was appended and committed, in so many milliseconds. */
  | { readonly type: 'batch_appended'; readonly realm: string; readonly leaves: number; readonly ms: number }
  /** A batch of at most `limit` leaves could not be appended; smaller ones are tried. */
  | { readonly type: 'batch_failed'; readonly realm: string; readonly error: unknown; readonly limit: number }
  | { readonly type: 'hook_failed'; readonly realm: string; readonly error: unknown };

/** Gives queued leaves their index, in batches, and signs a checkpoint for each batch. */
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
  const placed = createPlacedVersions();
  const memory = createLogMemory(db, realm);
  let running: Promise<Seen | undefined> | undefined;
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
        batch = await appendBatch(deps, { memory, placed }, seen, limit);
      } catch (error) {
        if (isDatabaseOutage(error) || error instanceof LogFrozenError) throw error;
        report({ type: 'batch_failed', realm, error, limit });
        waiting = Math.min(waiting, (await queueProgress(db, realm)).waiting);
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
      await deps.failpoint('sequencer.after_commit');
      // Has somebody else written a copy since? One look serves this batch and the next.
      seen = await guard.look();
      await guard.assertOurs(seen);
      // One batch is appended while the one before it is copied, and never more.
      await copied;
      own = copied = copy(signed);
    }
    return { seen, confirmed: confirm(size, own) };
  };

  const confirm = async (size: number, own: Promise<unknown> | undefined): Promise<void> => {
    const failure = await (own ?? copied);
    if (own !== undefined && failure !== undefined) throw failure as Error;
    // What another process placed, or this one before a failure, may not have been copied yet.
    await guard.catchUp(size);
  };

  const begin = (before?: Seen): Promise<Drained> => {
    next = undefined;
    const draining = drainQueued(before);
    running = draining.then(
      ({ seen, confirmed }) => {
        running = undefined;
        // Whoever asked for this drain is told; nobody else waits for it.
        confirmed.catch(() => undefined);
        return seen;
      },
      () => {
        running = undefined;
        return undefined;
      },
    );
    return draining;
  };

  const drainNext = (): Promise<Drained> => {
    if (!running) return begin();
    // The running batch may have read the queue before our leaf was there: only one that begins later is sure to hold it.
    next ??= running.then(begin);
    return next;
  };

  const drain: Sequencer['drain'] = () => {
    const drained = drainNext();
    const appended = drained.then(() => undefined);
    const settled = drained.then(({ confirmed }) => confirmed);
    for (const each of [appended, settled]) each.catch(() => undefined);
    return { appended, settled };
  };

  return { settle: () => drain().settled, drain, placed };
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

interface Batch {
  /** How many leaves have left the queue: they were placed, or withdrawn. */
  readonly taken: number;
  /** How many leaves the log has now. */
  readonly size: number;
  /** Undefined when nothing was placed. */
  readonly signed: SignedCheckpoint | undefined;
}

/** One transaction: lock, compare with what was seen, drain, append, sign, make visible. */
async function appendBatch(
  deps: SequencerDeps,
  { memory, placed: placedVersions }: { readonly memory: LogMemory; readonly placed: PlacedVersions },
  seen: Seen,
  limit: number,
): Promise<Batch> {
  const { db, realm, key, now } = deps;
  const { own } = deps.guard;
  const { batch, extend } = await db.transaction().execute(async (trx) => {
    const state = await lockLogState(trx, realm);
    await deps.guard.check(state, seen, async (size) => {
      const note = await findCheckpoint(trx, realm, size);
      return note === undefined ? undefined : openCheckpoint(note, parseLogVerifier(state.verifier_key)).root;
    });
    const drained = await drainQueue(trx, realm, limit);
    // Time never runs backwards in the log, even when the machine's clock does.
    const timeSeconds = Math.max(state.last_time, Math.floor(now() / 1000));
    const timely = await admitTimely(trx, drained, timeSeconds);
    const queued = await admitChannels(trx, await admitStates(trx, timely));
    const taken = drained.length;
    if (queued.length === 0) return { batch: { taken, size: state.size, signed: undefined } };
    await deps.failpoint('sequencer.before_append');
    const chained = chain(queued, timeSeconds);
    memory.resumeAt(state);
    const { size, root, tiles } = appendToTiles(
      state.size,
      await loadEdge(trx, realm, memory, state.size),
      chained.hashes,
    );
    const { origin } = state;
    const note = signNote(formatCheckpoint({ origin, size, root }), origin, key);
    const noteOpenForMs = deps.noteOpenForMs?.(realm) ?? 0;
    await storeAppend(trx, {
      realm,
      size,
      root,
      timeSeconds,
      note,
      noteOpenForMs,
      leaves: chained.leaves.map((leaf, i) => ({ index: state.size + i, leaf })),
      tiles: tiles.map((t: Tile) => ({ level: t.level, index: t.index, hashes: t.hashes })),
      heads: chained.heads,
    });
    const placed: PlacedLeaf[] = queued.map((entry, i) => ({ ...entry, index: state.size + i }));
    await applyEffects(trx, realm, placed, size, new Date(timeSeconds * 1000));
    await deps.failpoint('sequencer.before_commit');
    return {
      batch: { taken, size, signed: { realm, origin, size, root, note } },
      extend: () => {
        own.extend(state, { size, root });
        memory.extend({ size, root }, tiles);
        const leaves = new Map(chained.leaves.map((leaf, i) => [state.size + i, leaf]));
        const prove = createProver(memory, size, leaves);
        placedVersions.add({ size, note, isSealed: noteOpenForMs === 0, prove }, placed);
      },
    };
  });
  extend?.();
  return batch;
}

interface Chained {
  readonly leaves: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  readonly heads: readonly { namespace: string; seq: number; leafHash: string }[];
}

/** Links each leaf to the one before it in its namespace. */
function chain(queued: readonly DrainedLeaf[], timeSeconds: number): Chained {
  const heads = new Map<string, { readonly seq: number; readonly leafHash: string }>();
  const leaves: Uint8Array[] = [];
  const hashes: Uint8Array[] = [];
  for (const { namespace, leaf, head: stored } of queued) {
    const head = heads.get(namespace) ?? stored;
    const position = { seq: head ? head.seq + 1 : 0, prev: head?.leafHash ?? '', timeSeconds };
    const bytes = placeLeaf(leaf, position);
    const hash = hashLeaf(bytes);
    heads.set(namespace, { seq: position.seq, leafHash: Buffer.from(hash).toString('hex') });
    leaves.push(bytes);
    hashes.push(hash);
  }
  return { leaves, hashes, heads: [...heads].map(([namespace, head]) => ({ namespace, ...head })) };
}

/** The rightmost tile of each level that is not full yet: all that an append needs of the tree. */
async function loadEdge(
  trx: Transaction<Database>,
  realm: string,
  memory: LogMemory,
  size: number,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const partial: { readonly level: number; readonly index: number; readonly width: number }[] = [];
  for (let level = 0, width = size; width > 0; level += 1, width = Math.floor(width / 256))
    if (width % 256 !== 0) partial.push({ level, index: Math.floor(width / 256), width: width % 256 });
  const known = memory.edge(partial);
  if (known !== undefined) return known;
  const tiles = await findTiles(trx, realm, partial);
  // One that is missing is found by whoever appends to it.
  return new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
}
