import { randomUUID } from 'node:crypto';
import type { Db } from '../db/connection.js';
import { condemnBlob, markSwept, unfinishedSweeps, unnamedBlobs } from '../db/blob-sweep-queries.js';
import type { Failpoint } from '../domain/failpoint.js';
import { blobKey, type ObjectEntry, type ObjectStore } from '../objects/port.js';

export interface SweepDeps {
  readonly db: Db;
  readonly objects: ObjectStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  readonly elapsedMs: () => number;
  readonly failpoint?: Failpoint | undefined;
}

export interface SweepOptions {
  /** How old a blob must be before it is looked at, in milliseconds. */
  readonly graceMs: number;
  /** The time by the clock of the store, which tells the ages of blobs: {@link storeTimeMs}. */
  readonly storeNowMs: number;
  /** Only counts. */
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** Told of each blob that is removed, or would be. */
  readonly onOrphan?: (orphan: ObjectEntry) => void;
}

export interface SweepResult {
  /** Blobs that were looked at. */
  readonly seen: number;
  readonly orphans: number;
  readonly orphanBytes: number;
  readonly removed: number;
  /** Orphans that stayed: somebody is publishing them, or the store did not remove them. */
  readonly kept: number;
}

export const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;
/** Blobs are swept by the first byte of their digests: each is one part of the work. */
export const SWEEP_PARTS = 256;

const BATCH = 500;
const UNFINISHED = 100;
/** A deletion that is not sent so soon after it was decided is not sent at all: far below what the database waits for it. */
const SEND_WITHIN_MS = 30_000;

/**
 * Removes the blobs of one part that nothing names. Safe beside publishes of the very same blobs: a blob is condemned in the
 * database before it is deleted, and from then on no transaction records what names it, until it was put anew.
 */
export async function sweepPart(deps: SweepDeps, part: number, options: SweepOptions): Promise<SweepResult> {
  const { db, objects } = deps;
  const totals = { seen: 0, orphans: 0, orphanBytes: 0, removed: 0, kept: 0 };
  const before = options.storeNowMs - options.graceMs;
  let batch: ObjectEntry[] = [];

  const flush = async () => {
    const byDigest = new Map(batch.map((entry) => [digestOf(entry), entry]));
    batch = [];
    const digests = [...byDigest.keys()].map((hex) => Buffer.from(hex, 'hex'));
    for (const digest of await unnamedBlobs(db, digests)) {
      const entry = byDigest.get(digest.toString('hex'));
      if (entry === undefined) continue;
      options.signal.throwIfAborted();
      totals.orphans += 1;
      totals.orphanBytes += entry.sizeBytes;
      if (options.isDryRun) options.onOrphan?.(entry);
      else if (await remove(deps, digest, options.graceMs)) {
        totals.removed += 1;
        options.onOrphan?.(entry);
      } else totals.kept += 1;
    }
  };

  const prefix = `b/sha256/${part.toString(16).padStart(2, '0')}/`;
  for await (const entry of objects.list(prefix)) {
    options.signal.throwIfAborted();
    totals.seen += 1;
    // Equal counts as old enough: stores tell seconds, and with no grace at all every blob is to be looked at.
    if (entry.modifiedMs > before || !isBlob(entry)) continue;
    batch.push(entry);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return totals;
}

/** Ends what an earlier sweep was kept from ending. Answers how many removals that were. */
export async function finishSweeps(deps: SweepDeps, signal: AbortSignal): Promise<number> {
  const digests = await unfinishedSweeps(deps.db, UNFINISHED);
  for (const digest of digests) {
    signal.throwIfAborted();
    await remove(deps, digest, 0);
  }
  return digests.length;
}

/** Condemns, deletes, and says that it is gone. False when the blob stays. */
async function remove(
  { db, objects, now, elapsedMs, failpoint }: SweepDeps,
  digest: Buffer,
  graceMs: number,
): Promise<boolean> {
  const [decidedAt, startedMs] = [now(), elapsedMs()];
  const generation = await condemnBlob(db, digest, graceMs);
  if (generation === undefined) return false;
  await failpoint?.('sweep.after_condemn');
  // A process that was suspended in between may be long outdated; the next sweep ends what this one began. A machine that
  // slept is told by the clock that is set, one whose clock was set or stands still by the other.
  if (Math.max(Math.abs(now() - decidedAt), elapsedMs() - startedMs) > SEND_WITHIN_MS) return false;
  await objects.delete(blobKey(`sha256:${digest.toString('hex')}`));
  await failpoint?.('sweep.after_delete');
  await markSwept(db, digest, generation);
  return true;
}

/** The time by the clock of the store, in milliseconds since the epoch: that of an object which is made for it. */
export async function storeTimeMs(objects: ObjectStore): Promise<number> {
  const key = `clock/${randomUUID()}`;
  await objects.putIfAbsent(key, new Uint8Array([1]));
  try {
    for await (const entry of objects.list(key)) return entry.modifiedMs;
    throw new Error('the object store does not list what it has stored');
  } finally {
    await objects.delete(key);
  }
}

function digestOf({ key }: ObjectEntry): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** What else lies in the folder is not ours to remove. */
function isBlob(entry: ObjectEntry): boolean {
  const hex = digestOf(entry);
  return /^[0-9a-f]{64}$/.test(hex) && entry.key === blobKey(`sha256:${hex}`);
}
