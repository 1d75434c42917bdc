import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './core/events.js';
import { EngineError } from './errors.js';
import { procTable } from './processes/proc-table.js';
import { psTable } from './processes/ps-table.js';
import { openRunStore, type RunStore } from './stores/sqlite/run-store.js';

/** What one process has of the folder in which runs are remembered. */
export interface StateFolder {
  readonly store: RunStore;
  readonly runDir: (runId: string) => string;
  readonly table: ReturnType<typeof procTable>;
  /** This process. */
  readonly owner: ProcessIdentity;
  readonly clock: { readonly now: () => number };
}

/** Opens the folder, and makes it where it is not there. Throws EngineError `store.failed`, `store.newer`, `platform.unsupported`. */
export async function openStateFolder(stateDir: string): Promise<StateFolder> {
  if (process.platform === 'win32') {
    throw new EngineError('platform.unsupported', 'workflows cannot be run on windows itself', {
      hint: 'use the windows subsystem for linux',
    });
  }
  const runsDir = join(stateDir, 'runs');
  makeFolder(runsDir);
  const clock = { now: () => Date.now() };
  const table = process.platform === 'linux' ? procTable() : psTable();
  const owner = table.identify(process.pid, performance.timeOrigin);
  if (owner === undefined) {
    throw new EngineError('platform.unsupported', 'the process table of this system cannot be read', {
      hint: 'mount /proc',
    });
  }
  const store = await openRunStore(stateDir, clock);
  return { store, runDir: (runId) => join(runsDir, runId), table, owner, clock };
}

/** Makes a folder for its owner alone. Throws EngineError `store.failed`. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EngineError('store.failed', `the state folder ${path} cannot be made`, {
      cause: error,
      hint: 'choose a state folder that this user may write to',
    });
  }
}
