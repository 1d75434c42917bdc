import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toDataDirError } from './errors.js';
import { lookAtPidFile } from './pidfile.js';

/** A server that starts writes its pid file at once: one that makes no sense for longer was left by one that was killed. */
const SENSELESS_PATIENCE_MS = 1_000;

/**
 * Removes a `postmaster.pid` that is empty or makes no sense, and was last written more than a second ago by the clock of its
 * file system, which need not be ours. Any other stays: a living server may be behind it.
 *
 * @throws PostgresError `datadir.unusable`
 */
export async function removeAbandonedPidFile(clusterDir: string): Promise<void> {
  if (!(await isSenseless(clusterDir))) return;
  const nowMs = await fileSystemTimeMs(clusterDir);
  // Looked at again after the clock, so that hardly anything lies between the look and the removal.
  const seen = await lookAtPidFile(clusterDir);
  if (seen === undefined || seen.content !== undefined) return;
  if (nowMs - seen.modifiedMs <= SENSELESS_PATIENCE_MS) return;
  await rm(join(clusterDir, 'postmaster.pid'), { force: true });
}

async function isSenseless(clusterDir: string): Promise<boolean> {
  const seen = await lookAtPidFile(clusterDir);
  return seen !== undefined && seen.content === undefined;
}

/** The time by the clock of a folder's file system, in milliseconds since the epoch: that of a file which is written for it. */
async function fileSystemTimeMs(folder: string): Promise<number> {
  const path = join(folder, `.clock-${randomUUID()}`);
  let handle;
  try {
    handle = await open(path, 'wx', 0o600);
    await handle.writeFile('0');
    return (await handle.stat()).mtimeMs;
  } catch (error) {
    throw toDataDirError(`cannot write to ${folder}`, error);
  } finally {
    await handle?.close();
    await rm(path, { force: true });
  }
}
