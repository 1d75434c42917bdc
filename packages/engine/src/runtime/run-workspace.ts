import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { quote } from '@sheaf/workflow';
import type { JournalEvent } from '../core/events.js';
import {
  workspaceOf,
  type Workspace,
  type WorkspaceChoice,
  type WorkspaceEvent,
} from '../core/workspace-events.js';
import { EngineError } from '../errors.js';
import type { EphemeralWorkspaces } from './attempt-port.js';
import type { KeptDeps } from './kept-workspaces.js';
import type { Runtime } from './runtime.js';

/** Where a run works, and what becomes of that when it ends. */
export interface RunWorkspace {
  readonly cwd: string;
  /** For the journal, behind the start. */
  readonly events: readonly WorkspaceEvent[];
  /** Removes what nobody needs any more, gives up the rest; gives what is to be journaled. */
  readonly close: (hasSucceeded: boolean) => Promise<readonly JournalEvent[]>;
}

export interface Wanted {
  readonly runId: string;
  /** The folder that the run was started in. */
  readonly cwd: string;
  readonly keep: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Deps = KeptDeps;

/** Of the runtime, what workspaces need. */
export function workspaceDeps({ store, owner, isAlive, time, inherited, protection }: Runtime): Deps {
  const { stateDir } = protection;
  return { store, owner, isAlive, stateDir, env: inherited, now: () => time.now() };
}

/** Makes what a new run works in. Nothing is loaded or looked at for a run that works where it was started. */
export async function openWorkspace(
  deps: Deps,
  choice: WorkspaceChoice,
  wanted: Wanted & { readonly commit?: string | undefined },
): Promise<RunWorkspace> {
  if (choice.kind === 'folder') return plain(getFolder(choice.path));
  if (choice.kind !== 'run') return plain(wanted.cwd);
  const { makeWorkspace } = await import('../workspaces/make-workspace.js');
  const { includeUncommitted } = choice;
  const { runId, cwd, keep, commit, signal } = wanted;
  const made = await makeWorkspace(deps, {
    id: runId,
    run: runId,
    cwd,
    keep,
    commit,
    includeUncommitted,
    signal,
  });
  const { uncommitted, record } = made;
  const workspace = workspaceOf(record);
  return held(deps, workspace, keep, [
    { type: 'workspace.created', ...workspace, ...(uncommitted === undefined ? {} : { uncommitted }) },
  ]);
}

/**
 * Goes on in the workspace of a run; undefined when it is gone. Throws EngineError `workspace.busy` while somebody else is in it.
 */
export async function takeWorkspace(
  deps: Deps,
  workspace: Workspace,
  {
    runId,
    keep,
    from,
  }: { readonly runId: string; readonly keep: boolean | undefined; readonly from?: string },
): Promise<RunWorkspace | undefined> {
  const { findRecord, writeRecord } = await import('../workspaces/records.js');
  const { stateDir, owner, isAlive, store } = deps;
  const taken = store.exclusively(() => {
    const found = findRecord(stateDir, workspace);
    if (found?.record.state !== 'ready' || !existsSync(found.record.path)) return undefined;
    const { record } = found;
    if (record.process !== undefined && isAlive(record.process))
      throw new EngineError('workspace.busy', `run ${record.run} is at work in ${quote(record.path, 300)}`, {
        hint: `wait for it, or end it: sheaf cancel ${record.run}`,
      });
    return writeRecord(stateDir, { ...record, run: runId, process: owner, keep: keep ?? record.keep });
  });
  if (taken === undefined) return undefined;
  const events: readonly WorkspaceEvent[] =
    from === undefined ? [] : [{ type: 'workspace.reused', from, ...workspace }];
  return held(deps, workspace, taken.record.keep, events);
}

function getFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  throw new EngineError('workspace.unusable', `${quote(path, 300)} is no folder to work in`, {
    hint: `make it first: mkdir ${path}`,
  });
}

function plain(cwd: string): RunWorkspace {
  return { cwd, events: [], close: () => Promise.resolve([]) };
}

function held(
  { stateDir, env }: Deps,
  workspace: Workspace,
  keep: boolean,
  events: readonly WorkspaceEvent[],
): RunWorkspace {
  const { cwd, path } = workspace;
  const close = async (hasSucceeded: boolean): Promise<readonly JournalEvent[]> => {
    const { findRecord, releaseRecord } = await import('../workspaces/records.js');
    const stored = findRecord(stateDir, workspace);
    if (stored === undefined) return [];
    if (!hasSucceeded || keep) {
      releaseRecord(stateDir, stored);
      return [];
    }
    const { removeWorkspace } = await import('../workspaces/remove-workspace.js');
    try {
      await removeWorkspace({ stateDir, env }, stored);
      return [{ type: 'workspace.removed', path }];
    } catch {
      // What is written of it says that it is to go: the next run tries again.
      return [];
    }
  };
  return { cwd, events, close };
}

/** Makes workspaces of single attempts, after the first all of the same commit. */
export function ephemeralWorkspaces(
  deps: Deps,
  choice: WorkspaceChoice | undefined,
  { runId, cwd, keep }: Omit<Wanted, 'signal'>,
): EphemeralWorkspaces | undefined {
  if (choice?.kind !== 'ephemeral') return undefined;
  const { includeUncommitted } = choice;
  let commit: string | undefined;
  return async ({ step, attempt, signal }) => {
    const { makeWorkspace } = await import('../workspaces/make-workspace.js');
    const { removeWorkspace } = await import('../workspaces/remove-workspace.js');
    const { recordPlace, releaseRecord } = await import('../workspaces/records.js');
    // A path of a step may be longer than the name of a file.
    const id = `${runId}.${createHash('sha256').update(step).digest('hex').slice(0, 12)}.${attempt}`;
    const wish = { id, run: runId, step, cwd, keep, includeUncommitted, signal };
    const { record } = await makeWorkspace(deps, {
      ...wish,
      ...(includeUncommitted === true ? {} : { commit }),
    });
    commit ??= record.head;
    const stored = { ...recordPlace(deps.stateDir, record), record };
    const remove = async (): Promise<boolean> => {
      if (keep) {
        releaseRecord(deps.stateDir, stored);
        return false;
      }
      return removeWorkspace(deps, stored).then(
        () => true,
        () => false,
      );
    };
    return { path: record.path, cwd: record.cwd, head: record.head, remove };
  };
}
