import { compileGlob, WorkflowError, type Glob } from '@sheaf/workflow';
import { ActionError } from '../action-error.js';
import type { ActionImplementation } from '../action.js';
import { isSet, textOf, textsOf } from '../inputs.js';
import { listChanges } from './changes.js';
import { openGit, type Git } from './run-git.js';

/** `git.changed_files`. What was renamed counts as deleted under its old and added under its new name. */
export const run: ActionImplementation = async (inputs, context) => {
  const globs = compileGlobs(textsOf(inputs, 'match'));
  const git = await openGit(inputs, context);
  const base = await git.resolve(textOf(inputs, 'base') ?? '');
  const head = await git.resolve(textOf(inputs, 'head') ?? 'HEAD');
  const since = isSet(inputs, 'merge_base') ? await findMergeBase(git, base, head) : base;
  const changes = await listChanges(git, [since, head], []);
  const matches = (path: string): boolean => globs.length === 0 || globs.some((glob) => glob(path));
  const added: string[] = [];
  const modified: string[] = [];
  const deleted: string[] = [];
  for (const { path, status, from } of changes) {
    if (status === 'renamed' && matches(from)) deleted.push(from);
    if (!matches(path)) continue;
    if (status === 'deleted') deleted.push(path);
    else (status === 'modified' || status === 'retyped' ? modified : added).push(path);
  }
  const files = [...new Set([...added, ...modified, ...deleted])].sort();
  return {
    files,
    added: added.sort(),
    modified: modified.sort(),
    deleted: deleted.sort(),
    count: files.length,
  };
};

async function findMergeBase(git: Git, base: string, head: string): Promise<string> {
  const end = await git.ask(['merge-base', base, head]);
  if (end.exitCode === 0) return end.stdout.trim();
  throw new ActionError('git.failed', 'the two revisions have no commit in common', {
    hint: 'a shallow clone lacks it: git fetch --unshallow, or set merge_base = false',
  });
}

function compileGlobs(globs: readonly string[]): readonly Glob[] {
  try {
    return globs.map(compileGlob);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    throw new ActionError(
      'action.input',
      error.message,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}
