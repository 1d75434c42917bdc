import { ActionError } from '../action-error.js';
import type { Git } from './run-git.js';

/** How a file changed. */
export interface Change {
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'retyped' | 'unmerged';
  /** The former path, or the empty text. */
  readonly from: string;
  readonly additions: number;
  readonly deletions: number;
  readonly binary: boolean;
}

const STATUSES: Readonly<Record<string, Change['status']>> = {
  A: 'added',
  C: 'copied',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'retyped',
  U: 'unmerged',
};

/** Options of a diff that runs no program of the repository, also none in its submodules. */
export const DIFF_OPTIONS = [
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--ignore-submodules=dirty',
  '-M',
];

/** What differs: between two commits, or one and the working tree. In the order of git, which is by path. */
export async function listChanges(
  git: Git,
  commits: readonly string[],
  paths: readonly string[],
): Promise<readonly Change[]> {
  const args = ['diff', ...DIFF_OPTIONS, '--raw', '--numstat', '-z', ...commits, '--', ...paths];
  return parseChanges(await git.read(args));
}

/** Reads `git diff --raw --numstat -z`: first what happened to each file, then its lines. Throws ActionError `git.failed`. */
export function parseChanges(text: string): readonly Change[] {
  const parts = text.split('\0');
  const found = new Map<string, Change>();
  let at = 0;
  const next = (): string => {
    const part = parts[at++];
    if (part === undefined) throw unreadable();
    return part;
  };
  while (at < parts.length - 1) {
    const head = next();
    if (head.startsWith(':')) {
      const letter = /([A-Z])\d*$/.exec(head)?.[1] ?? '';
      const first = next();
      const isMoved = letter === 'R' || letter === 'C';
      const path = isMoved ? next() : first;
      const status = STATUSES[letter] ?? 'modified';
      found.set(path, {
        path,
        status,
        from: isMoved ? first : '',
        additions: 0,
        deletions: 0,
        binary: false,
      });
    } else {
      const [, added, deleted, path] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(head) ?? [];
      if (added === undefined || deleted === undefined || path === undefined) throw unreadable();
      if (path === '') next();
      const name = path === '' ? next() : path;
      const change = found.get(name);
      if (change === undefined) throw unreadable();
      const lines = { additions: Number(added) || 0, deletions: Number(deleted) || 0, binary: added === '-' };
      found.set(name, { ...change, ...lines });
    }
  }
  return [...found.values()];
}

function unreadable(): ActionError {
  return new ActionError('git.failed', 'what git prints cannot be read');
}
