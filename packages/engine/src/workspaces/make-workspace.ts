import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { quote } from '@sheaf/workflow';
import type { ProcessIdentity } from '../core/events.js';
import { EngineError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { copyFolder } from './copy-folder.js';
import { findSource, type WorkspaceSource } from './find-source.js';
import { openRepository, type Repository } from './git.js';
import { addJujutsuWorkspace, findChange, hasJujutsu } from './jujutsu.js';
import { addUncommitted } from './add-uncommitted.js';
import type { ProgramPlace } from './program.js';
import { recordPlace, workspacesDir, writeRecord } from './records.js';
import { removeWorkspace } from './remove-workspace.js';
import { findUncommitted } from './uncommitted.js';
import type { Uncommitted, Workspace } from '../core/workspace-events.js';
import type { WorkspaceRecord } from './workspace.js';

/** What making workspaces needs of the machine. */
export interface WorkspaceDeps {
  /** Without links. */
  readonly stateDir: string;
  /** This process, which the workspace belongs to. */
  readonly owner: ProcessIdentity;
  /** The environment of git and jj. */
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => number;
}

/** What is wanted. */
export interface WorkspaceWish {
  readonly id: string;
  readonly run: string;
  readonly step?: string;
  /** Where the run was started. */
  readonly cwd: string;
  /** Of this commit; default: the head. */
  readonly commit?: string | undefined;
  /** What is in no commit as well. */
  readonly includeUncommitted?: boolean | undefined;
  readonly keep: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface MadeWorkspace {
  readonly record: WorkspaceRecord;
  /** What is not in it. */
  readonly uncommitted: Uncommitted | undefined;
}

/**
 * Makes a workspace. What is written of it comes first, so that whoever finds it after a crash knows what it is. Throws EngineError
 * `workspace.failed`, `workspace.unusable`, `workspace.too_large`, `workspace.link`; what `signal` was aborted with.
 */
export async function makeWorkspace(deps: WorkspaceDeps, wish: WorkspaceWish): Promise<MadeWorkspace> {
  const source = findSource(wish.cwd);
  const { root, folder } = source;
  const place = { cwd: root, env: deps.env, signal: wish.signal, stateDir: deps.stateDir };
  const found = await findWork(source, place, wish);
  const { id, run, step } = wish;
  const path = join(recordPlace(deps.stateDir, { root, id }).folder, basename(root) || 'root');
  const workspace: Workspace = {
    kind: found.kind,
    id,
    path,
    cwd: join(path, folder),
    root,
    ...(found.commit === undefined ? {} : { head: found.commit }),
  };
  const making: WorkspaceRecord = {
    schema: 'sheaf.workspace/1',
    run,
    ...(step === undefined ? {} : { step }),
    ...workspace,
    created: deps.now(),
    process: deps.owner,
    state: 'making',
    keep: wish.keep,
  };
  const stored = writeRecord(deps.stateDir, making);
  try {
    mkdirSync(stored.folder, { mode: 0o700 });
    const [uncommitted] = await Promise.all([found.findUncommitted?.(), found.make(path)]);
    // A folder that no commit has is there all the same: the run was started in it.
    mkdirSync(workspace.cwd, { recursive: true });
    const record: WorkspaceRecord = { ...making, state: 'ready' };
    writeRecord(deps.stateDir, record);
    return { record, uncommitted };
  } catch (error) {
    await removeWorkspace(deps, stored);
    throw error;
  }
}

interface Work {
  readonly kind: Workspace['kind'];
  readonly commit?: string;
  readonly make: (path: string) => Promise<void>;
  /** What is not in it. */
  readonly findUncommitted?: () => Promise<Uncommitted | undefined>;
}

interface Place extends ProgramPlace {
  readonly stateDir: string;
}

const COPY_LIMITS = { files: LIMITS.workspaceFiles, bytes: LIMITS.workspaceBytes };

/**
 * A repository of Jujutsu that git shares becomes a worktree of git too, of the change that is worked on: steps find the repository that
 * they expect.
 */
async function findWork(source: WorkspaceSource, place: Place, wish: WorkspaceWish): Promise<Work> {
  const { root } = source;
  const change =
    source.isJujutsu && (await hasJujutsu(place)) ? (wish.commit ?? (await findChange(place))) : undefined;
  if (source.isGit) return gitWork(await openRepository(place), wish, { root, change });
  if (change !== undefined)
    return {
      kind: 'jj',
      commit: change,
      make: (path) => addJujutsuWorkspace(place, { path, id: wish.id, commit: change }),
    };
  if (source.isJujutsu)
    throw new EngineError(
      'workspace.unusable',
      `${quote(root, 200)} is a repository of jj, which is not installed`,
      {
        hint: 'install jj, or work where you are: --workspace inherit',
      },
    );
  const { signal } = wish;
  // The folder of workspaces may lie in what is copied, when that is a home.
  const without = [workspacesDir(place.stateDir)];
  return {
    kind: 'copy',
    make: (path) => copyFolder({ from: root, to: path, without, limits: COPY_LIMITS, signal }),
  };
}

async function gitWork(
  repository: Repository,
  { commit: wanted, includeUncommitted = false }: WorkspaceWish,
  { root, change }: { readonly root: string; readonly change: string | undefined },
): Promise<Work> {
  const revision = wanted ?? change ?? 'HEAD';
  const commit = await repository.findCommit(revision);
  if (commit === undefined)
    throw new EngineError(
      'workspace.unusable',
      revision === 'HEAD'
        ? `the repository of ${quote(root, 200)} has no commit that a workspace could be made of`
        : `the repository of ${quote(root, 200)} has no commit ${quote(revision)} any more`,
      { hint: 'commit first, or work where you are: --workspace inherit' },
    );
  // Jujutsu has all of it in the commit; of an earlier commit there is nothing to compare with.
  const isHead = revision === 'HEAD';
  return {
    kind: 'worktree',
    commit,
    make: async (path) => {
      await repository.read(['worktree', 'add', '--quiet', '--detach', path, commit]);
      if (includeUncommitted && isHead) await addUncommitted(repository, { root, path, limits: COPY_LIMITS });
    },
    ...(isHead && !includeUncommitted ? { findUncommitted: () => findUncommitted(repository) } : {}),
  };
}
