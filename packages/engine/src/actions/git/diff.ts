import type { ActionImplementation } from '../action.js';
import { isSet, textOf, textsOf } from '../inputs.js';
import { DIFF_OPTIONS, listChanges, type Change } from './changes.js';
import { openGit } from './run-git.js';

/** `git.diff`. */
export const run: ActionImplementation = async (inputs, context) => {
  const git = await openGit(inputs, context);
  const from = await git.resolve(textOf(inputs, 'from') ?? '');
  const to = textOf(inputs, 'to');
  const commits = to === undefined ? [from] : [from, await git.resolve(to)];
  const paths = textsOf(inputs, 'paths');
  const files = await listChanges(git, commits, paths);
  const patch = isSet(inputs, 'patch')
    ? await git.read(['diff', ...DIFF_OPTIONS, '-p', ...commits, '--', ...paths])
    : '';
  return {
    files: files.map((file) => ({ ...file })),
    count: files.length,
    additions: sum(files, 'additions'),
    deletions: sum(files, 'deletions'),
    summary: summarise(files),
    patch,
  };
};

/** A line for each file and one for the sum. */
function summarise(files: readonly Change[]): string {
  const lines = files.map(({ path, status, from, additions, deletions, binary }) => {
    const name = from === '' ? path : `${from} → ${path}`;
    return `${status} ${name} ${binary ? 'binary' : `+${additions} -${deletions}`}`;
  });
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  return [...lines, `${count}, +${sum(files, 'additions')} -${sum(files, 'deletions')}`].join('\n');
}

function sum(files: readonly Change[], what: 'additions' | 'deletions'): number {
  return files.reduce((total, file) => total + file[what], 0);
}
