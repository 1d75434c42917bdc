import { rmdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../cache.js';
import { assertGoesOn } from '../cancelled.js';
import { isLeased } from '../lease.js';
import { isFileError, removeFile } from '../files.js';
import { listCache, type CacheContents, type CacheItem } from './contents.js';
import { partialFolder } from './layout.js';
import { sumSizes, type CacheFile } from './walk.js';

/** What was used so lately may be in use: between the receipt and the bundle another process reads nothing longer. */
const IN_USE_MS = 2000;
/** A cut download is gone on with within days, if at all. */
const LEFTOVER_MS = 24 * 3600_000;

/** Which items to remove; an item that any of them names goes. */
export interface CleanCacheOptions {
  /** What was not used for so long. */
  readonly olderThanMs?: number | undefined;
  /** What was used longest ago, until the rest is no larger. */
  readonly maxSizeBytes?: number | undefined;
  readonly all?: boolean | undefined;
  /** Removes nothing and says what would be. */
  readonly dryRun?: boolean | undefined;
  /** The clock, in milliseconds since 1970; that of the machine unless given. */
  readonly nowMs?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was removed, or would be. */
export interface CleanedCache {
  readonly removed: readonly CacheItem[];
  /** Cut downloads, unreadable receipts and other traces that nobody is at. */
  readonly leftovers: number;
  readonly removedBytes: number;
  /** What another process uses right now, and which therefore stays. */
  readonly inUse: readonly CacheItem[];
  /** What is in the cache afterwards. */
  readonly sizeBytes: number;
}

/**
 * Removes what a cache need not keep. What another process is downloading or has used in the last two seconds stays;
 * everything else can be fetched again.
 *
 * @throws ClientError `operation.cancelled`, `cache.unusable`
 */
export async function cleanCache(
  cache: Pick<Cache, 'dir'>,
  options: CleanCacheOptions,
): Promise<CleanedCache> {
  const { dryRun = false, nowMs = () => Date.now(), signal } = options;
  const first = await listCache(cache, { signal });
  // What was used a moment ago is mostly done with a moment later.
  const isFresh = ({ usedMs }: CacheItem) => Math.abs(nowMs() - usedMs) < IN_USE_MS;
  const waits = !dryRun && choose(first, options, nowMs()).some(isFresh);
  if (waits) await sleep(IN_USE_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  assertGoesOn(signal);
  const contents = waits ? await listCache(cache, { signal }) : first;
  const chosen = choose(contents, options, nowMs());
  const removed = dryRun ? chosen : chosen.filter((item) => !isFresh(item));
  const leftovers = await findLeftovers(cache.dir, contents.leftovers, options, nowMs());
  if (!dryRun) {
    for (const item of removed) {
      assertGoesOn(signal);
      for (const { path } of item.files) await removeWithFolders(path, cache.dir);
    }
    for (const { path } of leftovers)
      await (isDead(path) ? removeWithFolders(path, cache.dir) : removeFile(path));
  }
  const removedBytes = sumSizes(removed) + sumSizes(leftovers);
  return {
    removed,
    leftovers: leftovers.length,
    removedBytes,
    inUse: chosen.filter((item) => !removed.includes(item)),
    sizeBytes: contents.sizeBytes - removedBytes,
  };
}

function choose(
  { items }: CacheContents,
  { olderThanMs, maxSizeBytes, all = false }: CleanCacheOptions,
  nowMs: number,
): readonly CacheItem[] {
  let keptBytes = 0;
  return items.filter((item) => {
    const isOld = olderThanMs !== undefined && nowMs - item.usedMs > olderThanMs;
    if (all || isOld) return true;
    keptBytes += item.sizeBytes;
    const isTooMuch = maxSizeBytes !== undefined && keptBytes > maxSizeBytes;
    if (isTooMuch) keptBytes -= item.sizeBytes;
    return isTooMuch;
  });
}

/** A part whose download goes on is nobody's leftover, nor is a file that is being written. */
async function findLeftovers(
  dir: string,
  files: readonly CacheFile[],
  { all = false }: CleanCacheOptions,
  nowMs: number,
): Promise<readonly CacheFile[]> {
  const found: CacheFile[] = [];
  for (const file of files) {
    const [, hex] = /([0-9a-f]{64})\.(?:part|lease)\.[0-9a-f]+$/.exec(file.path) ?? [];
    const ageMs = nowMs - file.usedMs;
    const isInUse =
      hex === undefined ? ageMs < LEFTOVER_MS && !isDead(file.path) : await isLeased(partialFolder(dir), hex);
    if (isInUse) continue;
    if (all || ageMs >= LEFTOVER_MS) found.push(file);
  }
  return found;
}

/** A receipt that cannot be read, or what stood beside one: whole, in its place, and of no use to anybody. */
function isDead(path: string): boolean {
  return /^[^.].*\.(?:json|standings)$/.test(basename(path));
}

/** Folders that are empty now go as well; one that another process puts something into stays. */
async function removeWithFolders(path: string, dir: string): Promise<void> {
  await removeFile(path);
  for (let folder = dirname(path); folder.length > dir.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (isFileError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'EPERM', 'EACCES')) return;
      throw error;
    }
  }
}
