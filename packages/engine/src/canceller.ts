import type { Engine, RunRecords } from './api.js';
import { DEFAULT_GRACE_MS, endLeftover } from './processes/group.js';
import { recordsOf } from './records.js';
import { cancelRun } from './runtime/cancel.js';
import { openStateFolder } from './state-folder.js';

/** What is remembered of runs, and how to end one. */
export type Canceller = RunRecords & Pick<Engine, 'cancel'>;

/** Opens what ends runs, and nothing of what runs them. Throws as {@link openRecords}. */
export async function openCanceller(stateDir: string): Promise<Canceller> {
  const state = await openStateFolder(stateDir);
  const { store, owner, table } = state;
  const deps = {
    store,
    owner,
    isAlive: (identity: Parameters<typeof table.isAlive>[0]) => table.isAlive(identity),
    runner: {
      reap: (leftover: Parameters<typeof endLeftover>[1]) => endLeftover(table, leftover, DEFAULT_GRACE_MS),
    },
  };
  return {
    ...recordsOf(state, { stateDir, environment: process.env }),
    cancel: (runId, options = {}) => cancelRun(deps, runId, options),
  };
}
