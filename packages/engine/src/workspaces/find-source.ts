import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What a workspace is made from. */
export interface WorkspaceSource {
  /** Absolute, without links: the top of the repository, or the folder itself outside of one. */
  readonly root: string;
  /** Where a run was started, relative to that; empty for the top. */
  readonly folder: string;
  readonly isGit: boolean;
  readonly isJujutsu: boolean;
}

/** The nearest repository that a folder lies in, else the folder itself. */
export function findSource(cwd: string): WorkspaceSource {
  const start = realpathSync(cwd);
  for (let root = start; ; root = dirname(root)) {
    const isGit = existsSync(join(root, '.git'));
    const isJujutsu = existsSync(join(root, '.jj'));
    if (isGit || isJujutsu) return { root, folder: relative(root, start), isGit, isJujutsu };
    if (root === dirname(root)) return { root: start, folder: '', isGit, isJujutsu };
  }
}
