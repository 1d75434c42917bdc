import { ActionError } from '../action-error.js';
import type { ActionImplementation } from '../action.js';
import { textOf } from '../inputs.js';
import { openGit } from './run-git.js';

/** `git.describe`. */
export const run: ActionImplementation = async (inputs, context) => {
  const git = await openGit(inputs, context);
  const commit = await git.resolve(textOf(inputs, 'revision') ?? 'HEAD');
  const match = textOf(inputs, 'match');
  const filter = match === undefined ? [] : [`--match=${match}`];
  const [short, branch, described, tree] = await Promise.all([
    git.read(['rev-parse', '--short', commit]),
    git.ask(['symbolic-ref', '--quiet', '--short', 'HEAD']),
    git.ask(['describe', '--tags', '--long', '--always', '--abbrev=7', ...filter, commit]),
    git.ask(['diff', '--quiet', '--no-ext-diff', '--no-textconv', '--ignore-submodules=dirty', 'HEAD', '--']),
  ]);
  const found = /^(.*)-(\d+)-g([0-9a-f]+)\n$/.exec(described.exitCode === 0 ? described.stdout : '');
  const distance = found?.[2] ?? (await git.read(['rev-list', '--count', commit]));
  if (tree.exitCode > 1) throw new ActionError('git.failed', 'the working tree cannot be compared');
  return {
    commit,
    short: short.trim(),
    branch: branch.exitCode === 0 ? branch.stdout.trim() : '',
    tag: found?.[1] ?? '',
    distance: Number(distance),
    dirty: tree.exitCode === 1,
    description: found === null ? short.trim() : `${found[1] ?? ''}-${found[2] ?? ''}-g${found[3] ?? ''}`,
  };
};
