import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/connection.js';
import { isBlobSwept, reclaimBlob, type ReclaimedBlob } from '../../db/blob-sweep-queries.js';
import { RegistryError } from '../error.js';

export interface BlobWork<Put, Recorded> {
  /** SHA-256 of each tar that is put and named. */
  readonly tarSha256: readonly Buffer[];
  /** Puts the blobs, or finds them in the store. */
  readonly put: () => Promise<Put>;
  /** Names them, in one transaction that begins with `allowReclaimed`. */
  readonly record: (put: Put, reclaimed: readonly ReclaimedBlob[]) => Promise<Recorded>;
}

const MAX_ROUNDS = 5;
const SWEEPING_PAUSE_MS = 100;
/** Removing a blob takes milliseconds; one that takes longer was cut short, and is ended by another sweep. */
const MAX_PAUSES = 30;

/**
 * Puts blobs, then records what names them. When a sweep has removed one in between, which it does to a blob that nothing has
 * named for long, all is done again: what was recorded never names a blob that is gone.
 *
 * @throws RegistryError `service.busy` when a sweep does not come to an end; what `put` and `record` throw
 */
export async function putAndRecord<Put, Recorded>(
  db: Db,
  { tarSha256, put, record }: BlobWork<Put, Recorded>,
): Promise<Recorded> {
  let reclaimed: readonly ReclaimedBlob[] = [];
  for (let round = 1; ; round += 1) {
    const held = await put();
    try {
      return await record(held, reclaimed);
    } catch (error) {
      if (!isBlobSwept(error) || round === MAX_ROUNDS) throw error;
    }
    reclaimed = await reclaimAll(db, tarSha256);
  }
}

async function reclaimAll(db: Db, digests: readonly Buffer[]): Promise<readonly ReclaimedBlob[]> {
  const reclaimed: ReclaimedBlob[] = [];
  for (const digest of digests) {
    for (let pauses = 0; ; pauses += 1) {
      const answer = await reclaimBlob(db, digest);
      if (answer === undefined) break;
      if (answer !== 'sweeping') {
        reclaimed.push(answer);
        break;
      }
      if (pauses === MAX_PAUSES)
        throw new RegistryError('service.busy', 'the blob is being removed', { retryAfterSeconds: 60 });
      await sleep(SWEEPING_PAUSE_MS);
    }
  }
  return reclaimed;
}
