import type { LimitsConfig } from '../../config/limits.js';
import type { Db } from '../../db/connection.js';
import { isDatabaseOutage } from '../../db/outage.js';
import { ObjectStoreError } from '../../objects/port.js';
import type { Gate } from '../gate.js';
import { LogFrozenError } from '../log/frozen.js';
import type { Logs } from '../log/logs.js';
import {
  isPassing,
  isPlain,
  isRefusal,
  placingGroups,
  recordGroups,
  WorkflowRacedError,
  type GroupIds,
  type VersionGroup,
} from './record.js';

export interface Recorded {
  /** Of the versions, in order. */
  readonly ids: readonly number[];
  /** When the log has tried to place them and copied what it placed; see `Sequencer.settle`. */
  readonly settled: Promise<void>;
}

/** A group, and who waits for it to be recorded. */
export interface Waiting {
  readonly group: VersionGroup;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

export interface RecordingDeps {
  /** For those who wait for keys: the connections of what every publish needs are not for waiting. */
  readonly db: Db;
  /** Connections for what every publish needs. */
  readonly hotDb: Db;
  readonly logs: Logs;
  readonly limits: LimitsConfig;
  /** Passed by those who wait for keys. */
  readonly alone: Gate;
  /** Passed by each batch, of whatever log. */
  readonly appending: Gate;
}

/** How versions get their places: at once, or after they have waited in the queue of the log. */
export type Way = 'placed' | 'queued';

/** Resolves when the batch is appended, so that the next one gathers meanwhile, or has failed. Never rejects. */
export async function recordBatch(
  deps: RecordingDeps,
  realm: string,
  batch: readonly Waiting[],
  way: Way,
): Promise<void> {
  try {
    await deps.appending.run(1, () => tryBatch(deps, realm, batch, way));
  } catch (error) {
    if (isRefusal(error)) await recordApart(deps, realm, batch, { way, error });
    // The log could not place them, whatever they are: what waits in the queue is tried again, in smaller batches.
    else if (way === 'placed' && !isOutage(error)) await recordBatch(deps, realm, batch, 'queued');
    else for (const { reject } of batch) reject(error);
  }
}

async function tryBatch(
  deps: RecordingDeps,
  realm: string,
  batch: readonly Waiting[],
  way: Way,
): Promise<void> {
  const { sequencer } = deps.logs.get(realm);
  const groups = batch.map(({ group }) => group);
  if (way === 'placed' && groups.every(isPlain)) {
    const { value, settled } = await sequencer.append(placingGroups(realm, deps.limits, groups));
    resolveAll(batch, value, settled);
    return;
  }
  const ids = await recordTogether(deps.hotDb, deps, groups, false);
  const { appended, settled } = sequencer.drain();
  resolveAll(batch, ids, settled);
  // Those who wait for it are told when it fails.
  await appended.catch(() => undefined);
}

/** Nobody is refused for what another one sent: those are found whom it holds for, and the others share what they can. */
async function recordApart(
  deps: RecordingDeps,
  realm: string,
  batch: readonly Waiting[],
  { way, error }: { readonly way: Way; readonly error: unknown },
): Promise<void> {
  const [first] = batch;
  if (batch.length > 1) for (const half of halves(batch)) await recordBatch(deps, realm, half, way);
  else if (first !== undefined && isPassing(error))
    // Not waited for: one that waits for a key to be changed holds up nobody else.
    void deps.alone.run(1, () => recordAlone(deps, realm, first)).catch(first.reject);
  else first?.reject(error);
}

function resolveAll(batch: readonly Waiting[], ids: GroupIds, settled: Promise<void>): void {
  for (const [i, { resolve }] of batch.entries()) resolve({ ids: ids[i] ?? [], settled });
}

function halves<T>(batch: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(batch.length / 2);
  return [batch.slice(0, half), batch.slice(half)];
}

/** Whether nobody could be published now: trying those of a batch one by one would only take longer. */
function isOutage(error: unknown): boolean {
  return isDatabaseOutage(error) || error instanceof LogFrozenError || error instanceof ObjectStoreError;
}

/** In two transactions: what the log cannot place at its turn waits in its queue. */
async function recordAlone(
  deps: RecordingDeps,
  realm: string,
  { group, resolve, reject }: Waiting,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [ids = []] = await recordTogether(deps.db, deps, [group], true);
      resolve({ ids, settled: deps.logs.get(realm).sequencer.drain().settled });
      return;
    } catch (error) {
      if (error instanceof WorkflowRacedError && attempt < MAX_ATTEMPTS) continue;
      reject(error);
      return;
    }
  }
}

/** Workflows are created once: whoever loses again has several new ones. */
const MAX_ATTEMPTS = 5;

function recordTogether(
  db: Db,
  { limits }: Pick<RecordingDeps, 'limits'>,
  groups: readonly VersionGroup[],
  mayWait: boolean,
): Promise<GroupIds> {
  return db.transaction().execute((trx) => recordGroups(trx, limits, groups, mayWait));
}
