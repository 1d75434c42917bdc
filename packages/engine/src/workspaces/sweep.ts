import type { RunRow } from '../stores/sqlite/run-store.js';
import type { ProcessIdentity } from '../core/events.js';
import { removeWorkspace, type RemovalDeps } from './remove-workspace.js';
import { findRecord, listRecords, writeRecord, type StoredRecord } from './records.js';

export interface SweepDeps extends RemovalDeps {
  readonly findRun: (runId: string) => Pick<RunRow, 'status'> | undefined;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  readonly now: () => number;
  /** This process. */
  readonly owner: ProcessIdentity;
  /** Does something that no other process does meanwhile. */
  readonly exclusively: <T>(act: () => T) => T;
}

/** A git that outlives the engine may still be at work on what the engine had it make. */
const YOUNG_MS = 60_000;

/**
 * Workspaces that nobody needs: of processes that were killed before their run was written down, or after it succeeded and before the
 * workspace was gone.
 */
export function listOrphans(deps: SweepDeps): readonly StoredRecord[] {
  return listRecords(deps.stateDir).filter(({ record }) => isOrphan(deps, record));
}

function isOrphan({ findRun, isAlive, now }: SweepDeps, record: StoredRecord['record']): boolean {
  if (record.process !== undefined && isAlive(record.process)) return false;
  if (record.state === 'removing') return true;
  if (now() - record.created < YOUNG_MS && record.state === 'making') return false;
  if (record.state === 'making') return true;
  if (record.step !== undefined) return !record.keep;
  const run = findRun(record.run);
  return run === undefined || (run.status === 'succeeded' && !record.keep);
}

/** Removes them; one that cannot be removed now is left to the next time. Gives those that are gone. */
export async function sweepWorkspaces(deps: SweepDeps): Promise<readonly StoredRecord[]> {
  const gone: StoredRecord[] = [];
  for (const { record } of listOrphans(deps)) {
    // Looked at again: since then somebody may have begun to work in it, or to remove it.
    const stored = deps.exclusively(() => {
      const now = findRecord(deps.stateDir, record);
      return now !== undefined && isOrphan(deps, now.record)
        ? writeRecord(deps.stateDir, { ...now.record, state: 'removing', process: deps.owner })
        : undefined;
    });
    if (stored === undefined) continue;
    const isGone = await removeWorkspace(deps, stored).then(
      () => true,
      () => false,
    );
    if (isGone) gone.push(stored);
    else writeRecord(deps.stateDir, { ...record, state: 'removing' });
  }
  return gone;
}
