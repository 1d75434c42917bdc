import type { Transaction } from 'kysely';
import { storeAppend, type Appended } from '../../db/append-queries.js';
import { admitChannels } from '../../db/channel-queries.js';
import { applyEffects, type PlacedLeaf } from '../../db/log-effects.js';
import {
  drainQueue,
  findHeads,
  lockLogState,
  lockLogStateHolding,
  type NamespaceHead,
} from '../../db/log-queries.js';
import type { Database } from '../../db/schema.js';
import { admitTimely } from '../../db/timely-queries.js';
import { admitStates } from '../../db/withdrawals.js';
import type { Seen, SignedCheckpoint } from './fork-guard.js';
import { assertContinued, grow, nextTime, type AppendDeps, type Known } from './grow.js';
import type { QueuedLeaf } from './leaves.js';

export interface Batch {
  /** How many leaves have left the queue: they were placed, or withdrawn. */
  readonly taken: number;
  /** How many leaves the log has now. */
  readonly size: number;
  /** Undefined when nothing was placed. */
  readonly signed: SignedCheckpoint | undefined;
}

/** One transaction: lock, compare with what was seen, drain, append, sign, make visible. */
export async function appendQueued(
  deps: AppendDeps,
  known: Known,
  seen: Seen,
  limit: number,
): Promise<Batch> {
  const { db, realm, failpoint } = deps;
  const { batch, commit } = await db.transaction().execute(async (trx) => {
    const state = await lockLogState(trx, realm);
    await assertContinued(deps, trx, state, seen);
    const drained = await drainQueue(trx, realm, limit);
    const timeSeconds = nextTime(deps, state);
    const timely = await admitTimely(trx, drained, timeSeconds);
    const queued = await admitChannels(trx, await admitStates(trx, timely));
    const taken = drained.length;
    if (queued.length === 0) return { batch: { taken, size: state.size, signed: undefined } };
    const heads = new Map<string, NamespaceHead>();
    for (const { namespace, head } of queued) if (head) heads.set(namespace, head);
    const growth = await grow(deps, known.memory, trx, { state, heads, timeSeconds, queued });
    await storeAppend(trx, growth.appended);
    const placed: PlacedLeaf[] = queued.map((entry, i) => ({ ...entry, index: state.size + i }));
    await applyEffects(trx, realm, placed, growth.signed.size, new Date(timeSeconds * 1000));
    await failpoint('sequencer.before_commit');
    return {
      batch: { taken, size: growth.signed.size, signed: growth.signed },
      commit: () => {
        growth.remember(known, placed);
      },
    };
  });
  commit?.();
  return batch;
}

/** Leaves that are written in the transaction that appends them, instead of waiting in the queue. */
export interface OwnLeaves<T> {
  readonly leaves: readonly { readonly namespace: string; readonly leaf: QueuedLeaf }[];
  /** Namespaces whose keys must not change meanwhile. */
  readonly namespaceIds: readonly number[];
  /** Told whether their keys are held, once the log is; what it throws ends the transaction. */
  readonly assertHeld: (isHeld: boolean) => void;
  /** Whether a failure is about the leaves: it says nothing of the log. */
  readonly isRefusal: (error: unknown) => boolean;
  /** Stores the append and everything that the leaves record, and says of which rows they speak. */
  readonly write: (trx: Transaction<Database>, place: OwnPlace) => Promise<Written<T>>;
}

/** Where leaves get their places. */
export interface OwnPlace {
  readonly firstIndex: number;
  readonly at: Date;
  readonly appended: Appended;
}

export interface Written<T> {
  readonly value: T;
  readonly placed: readonly Omit<PlacedLeaf, 'id' | 'audit_id'>[];
}

/** One transaction: lock, compare with what was seen, sign, and store all at once. */
export async function appendOwn<T>(
  deps: AppendDeps,
  known: Known,
  seen: Seen,
  { leaves, namespaceIds, assertHeld, write }: Omit<OwnLeaves<T>, 'isRefusal'>,
): Promise<{ readonly value: T; readonly signed: SignedCheckpoint }> {
  const { db, realm, failpoint } = deps;
  const { value, signed, commit } = await db.transaction().execute(async (trx) => {
    const { isHeld, ...state } = await lockLogStateHolding(trx, realm, namespaceIds);
    assertHeld(isHeld);
    await assertContinued(deps, trx, state, seen);
    known.memory.resumeAt(state);
    const namespaces = [...new Set(leaves.map(({ namespace }) => namespace))];
    const heads = known.memory.heads(namespaces) ?? (await findHeads(trx, realm, namespaces));
    const timeSeconds = nextTime(deps, state);
    const growth = await grow(deps, known.memory, trx, { state, heads, timeSeconds, queued: leaves });
    const place = {
      firstIndex: state.size,
      at: new Date(timeSeconds * 1000),
      appended: growth.appended,
    };
    const written = await write(trx, place);
    await failpoint('sequencer.before_commit');
    return {
      value: written.value,
      signed: growth.signed,
      commit: () => {
        growth.remember(known, written.placed);
      },
    };
  });
  commit();
  return { value, signed };
}
