/**
 * Where the steps of a run work. `inherit`: in the folder that it was started in. `run`: in a folder of its own, made from the head of the
 * repository, or a copy where there is none. `ephemeral`: each attempt at a step in one of its own, which goes with it. `folder`: in one
 * that is there, by its absolute path.
 */
export type WorkspaceChoice =
  | { readonly kind: 'inherit' }
  | { readonly kind: 'run' | 'ephemeral'; readonly includeUncommitted?: boolean }
  | { readonly kind: 'folder'; readonly path: string };

/** Files of a repository that are in no commit, and so not in a workspace. */
export interface Uncommitted {
  readonly count: number;
  /** The first of them. */
  readonly files: readonly string[];
}

/** A workspace that was made. Paths are absolute. */
export interface Workspace {
  /** How it was made. */
  readonly kind: 'worktree' | 'jj' | 'copy';
  /** Names it among those of its root: the run it was made for, and the attempt where it is for one alone. */
  readonly id: string;
  /** The folder that was made. */
  readonly path: string;
  /** Where in it steps work: as deep in it as the run was started in its root. */
  readonly cwd: string;
  /** The repository or folder that it was made from. */
  readonly root: string;
  /** The commit that it was made of. */
  readonly head?: string;
}

/** What becomes of the workspace of a run. */
export type WorkspaceEvent =
  | ({
      readonly type: 'workspace.created';
      /** What is not in it. */
      readonly uncommitted?: Uncommitted;
    } & Workspace)
  /** The run goes on in that of an earlier one. */
  | ({ readonly type: 'workspace.reused'; readonly from: string } & Workspace)
  | { readonly type: 'workspace.removed'; readonly path: string };

/** What an event says of a workspace, and nothing else of it. */
export function workspaceOf({ kind, id, path, cwd, root, head }: Workspace): Workspace {
  return { kind, id, path, cwd, root, ...(head === undefined ? {} : { head }) };
}
