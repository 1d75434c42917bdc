import type { ActionImplementation } from '../action.js';
import { isSet, numberOf, textOf, textsOf } from '../inputs.js';
import { parseCommits, summariseCommits } from './commits.js';
import { openGit } from './run-git.js';

/** Fields of a commit, in the order of `parseCommits`. */
const FORMAT = '--format=%H%x00%h%x00%an%x00%ae%x00%cI%x00%s%x00%b';

/** `git.log`. */
export const run: ActionImplementation = async (inputs, context) => {
  const git = await openGit(inputs, context);
  const to = await git.resolve(textOf(inputs, 'to') ?? 'HEAD');
  const from = textOf(inputs, 'from');
  const range = from === undefined ? to : `${await git.resolve(from)}..${to}`;
  const limit = numberOf(inputs, 'limit') ?? 500;
  const options = [
    '-z',
    FORMAT,
    '--no-color',
    `--max-count=${limit + 1}`,
    ...(isSet(inputs, 'merges') ? [] : ['--no-merges']),
  ];
  const found = parseCommits(await git.read(['log', ...options, range, '--', ...textsOf(inputs, 'paths')]));
  const commits = found.slice(0, limit);
  return {
    commits: commits.map((commit) => ({ ...commit })),
    count: commits.length,
    truncated: found.length > limit,
    authors: [...new Set(commits.map((commit) => commit.author))].sort(),
    summary: summariseCommits(commits),
  };
};
