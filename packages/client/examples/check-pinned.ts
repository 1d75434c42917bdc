import { readFile } from 'node:fs/promises';
import {
  combinePolicies,
  openCache,
  openTrustStore,
  parseLockfile,
  parseTrustPolicy,
  proveLockfile,
  verifyLocked,
} from '@sheaf/client';

/** What a CI job has: a lockfile, a policy of its machine, and a cache that anybody may have restored. */
export interface Job {
  readonly lockFile: string;
  readonly policyFile: string;
  readonly cacheDir: string;
  readonly trustDir: string;
}

/** Proves a lockfile and verifies every workflow in it against the bytes in the cache. No network is used. */
export async function checkPinned(job: Job, signal?: AbortSignal): Promise<readonly string[]> {
  const lock = parseLockfile(await readFile(job.lockFile, 'utf8'), job.lockFile);
  proveLockfile(lock);
  const cache = await openCache(job.cacheDir);
  const trust = await openTrustStore(job.trustDir);
  const machine = parseTrustPolicy(await readFile(job.policyFile, 'utf8'), job.policyFile);
  const policy = { policy: combinePolicies({ machine }, { ci: true }), nowMs: () => Date.now() };
  const verified: string[] = [];
  for (const entry of lock.workflows) {
    const pin = await trust.findPinByOrigin(entry.registry);
    if (pin === undefined) throw new Error(`the log key of ${entry.registry} is not pinned here`);
    const { id, version } = await verifyLocked(lock, entry, { pin, policy, trust, cache, signal });
    verified.push(`${id}@${version}`);
  }
  return verified;
}
