import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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
  syncParents(runsDir, makeFolder(runsDir));
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

/** Makes a folder for its owner alone; the first that had to be made. Throws EngineError `store.failed`. */
export function makeFolder(path: string): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EngineError('store.failed', `the state folder ${path} cannot be made`, {
      cause: error,
      hint: 'choose a state folder that this user may write to',
    });
  }
}

/** The journal is synced into its folder; that a folder is there, when it is new, the one above it must have on the disk. */
function syncParents(path: string, first: string | undefined): void {
  if (first === undefined) return;
  const top = dirname(resolve(first));
  let folder = resolve(path);
  do {
    folder = dirname(folder);
    syncFolder(folder);
  } while (folder.length > top.length);
}

function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // A folder that may be entered and not read, or a disk that syncs none: what is written is as durable as it gets.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
