import { existsSync } from 'node:fs';
import type { KeptWorkspace } from '../api.js';
import { EngineError } from '../errors.js';
import { readEvents } from './query.js';
import type { Runtime } from './runtime.js';
import { whileIdle } from './while-idle.js';

export interface KeptDeps extends Pick<Runtime, 'store' | 'owner' | 'isAlive'> {
  readonly stateDir: string;
  /** Of git and jj. */
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => number;
}

/** Workspaces that are there, with those that nobody needs. */
export async function listWorkspaces(deps: KeptDeps): Promise<readonly KeptWorkspace[]> {
  const { listRecords } = await import('../workspaces/records.js');
  const records = listRecords(deps.stateDir);
  if (records.length === 0) return [];
  const { listOrphans } = await import('../workspaces/sweep.js');
  const orphans = new Set(listOrphans(sweepDeps(deps)).map(({ file }) => file));
  return records.map(({ record, file, folder }) => {
    const { kind, id, path, cwd, root, head, run, step, created } = record;
    return {
      ...{ kind, id, path, cwd, root, folder, created },
      ...(head === undefined ? {} : { head }),
      runId: run,
      ...(step === undefined ? {} : { step }),
      isLeftover: orphans.has(file),
    };
  });
}

/**
 * Removes a workspace of a run, which nobody may go on with meanwhile, and says so in its journal. Throws EngineError `run.active`,
 * `run.not_found`, `workspace.failed`.
 */
export async function removeKept(deps: KeptDeps, workspace: KeptWorkspace): Promise<void> {
  const { findRecord } = await import('../workspaces/records.js');
  const { removeWorkspace } = await import('../workspaces/remove-workspace.js');
  const { store, owner, stateDir } = deps;
  const { runId, path } = workspace;
  await whileIdle(deps, runId, async () => {
    const stored = findRecord(stateDir, workspace);
    if (stored?.record.run !== runId) return;
    try {
      await removeWorkspace(deps, stored);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new EngineError('workspace.failed', `the workspace cannot be removed: ${why}`, {
        hint: `remove it by hand: rm -rf ${path}`,
        cause: error,
      });
    }
    if (stored.record.step !== undefined) return;
    const journal = store.openJournal(runId, readEvents(store, runId).length, owner);
    await journal.append([{ type: 'workspace.removed', path }], { durable: true });
  });
}

/** Removes what killed processes left; gives the folders that are gone. */
export async function sweepKept(deps: KeptDeps): Promise<readonly string[]> {
  const { workspacesDir } = await import('../workspaces/records.js');
  if (!existsSync(workspacesDir(deps.stateDir))) return [];
  const { sweepWorkspaces } = await import('../workspaces/sweep.js');
  return (await sweepWorkspaces(sweepDeps(deps))).map(({ folder }) => folder);
}

function sweepDeps({ store, owner, isAlive, stateDir, env, now }: KeptDeps) {
  return {
    ...{ stateDir, env, owner, isAlive, now },
    findRun: (runId: string) => store.findRun(runId),
    exclusively: <T>(act: () => T): T => store.exclusively(act),
  };
}
