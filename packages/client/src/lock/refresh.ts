import type { ReleaseState, Standing } from '@sheaf/bundle';
import type { Version, WorkflowId } from '@sheaf/workflow';
import { leaveOnAbort } from '../cancelled.js';
import { isVerificationFailure, type ClientError } from '../errors.js';
import type { Pin } from '../pin.js';
import type { VerifiedWorkflow } from '../verification-types.js';
import { createLockedRegistry, refreshLockedEntry, refuseLockedEntry } from './locked-entry.js';
import type { LockedRegistry, LockedWorkflow, Lockfile } from './lockfile.js';

/** What became of a locked release since it was locked or refreshed. */
export interface StateChange {
  readonly id: WorkflowId;
  readonly version: Version;
  readonly from: ReleaseState;
  readonly to: ReleaseState;
  readonly reason?: string;
  readonly replacement?: string;
}

/** A locked release that may no longer be used, and why. */
export interface RefusedEntry {
  readonly id: WorkflowId;
  readonly version: Version;
  readonly error: ClientError;
}

/** How a locked workflow is verified again. */
export interface RefreshDeps {
  /** Verifies an entry with what its registry says now. */
  readonly verify: (
    entry: LockedWorkflow,
    options: { readonly signal: AbortSignal },
  ) => Promise<{ readonly workflow: VerifiedWorkflow; readonly pin: Pin }>;
  /** What is kept of an entry that was refused, as `TrustStore.findFacts`. */
  readonly findFacts: (
    entry: LockedWorkflow,
    options: { readonly signal: AbortSignal },
  ) => Promise<readonly Standing[]>;
}

/** A lockfile with the states of today, and what changed. */
export interface RefreshedLock {
  /** With the standings and checkpoints of now; what is refused says why, when the log says it. */
  readonly lock: Lockfile;
  readonly changes: readonly StateChange[];
  readonly refused: readonly RefusedEntry[];
}

/**
 * Asks what the log says of each locked release by now. No version moves.
 *
 * @throws ClientError for what speaks against a registry rather than a release, such as `log.fork`, and for a network
 *   that fails; `operation.cancelled`: what goes on is told, and not waited for
 */
export async function refreshLock(
  lock: Lockfile,
  { verify, findFacts }: RefreshDeps,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RefreshedLock> {
  const registries = new Map(lock.registries.map((registry) => [keyOf(registry), registry]));
  const workflows: LockedWorkflow[] = [];
  const changes: StateChange[] = [];
  const refused: RefusedEntry[] = [];
  for (const entry of lock.workflows) {
    const { id, version } = entry;
    try {
      const { workflow, pin } = await leaveOnAbort([signal], (own) => verify(entry, { signal: own }));
      const fresh = refreshLockedEntry(entry, workflow);
      const registry = createLockedRegistry(workflow, pin);
      registries.set(keyOf(registry), registry);
      workflows.push(fresh);
      if (fresh.state !== entry.state) changes.push(describeChange(entry, workflow));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      workflows.push(
        refuseLockedEntry(entry, await leaveOnAbort([signal], (own) => findFacts(entry, { signal: own }))),
      );
      refused.push({ id, version, error });
    }
  }
  return { lock: { registries: [...registries.values()], workflows }, changes, refused };
}

/** Whether an error of verification speaks against a release, and not against its registry or the network. */
export function isRefusal(error: unknown): error is ClientError {
  return isVerificationFailure(error) && !error.code.startsWith('log.');
}

function describeChange(entry: LockedWorkflow, { standing }: VerifiedWorkflow): StateChange {
  const { reason, replacement } = standing;
  return {
    id: entry.id,
    version: entry.version,
    from: entry.state,
    to: standing.state,
    ...(reason === undefined ? {} : { reason }),
    ...(replacement === undefined ? {} : { replacement }),
  };
}

function keyOf({ origin, realm }: Pick<LockedRegistry, 'origin' | 'realm'>): string {
  return `${origin} ${realm}`;
}
