import type { Repository } from './git.js';
import type { Uncommitted } from '../core/workspace-events.js';

/** Names that are told. */
const SHOWN = 5;

/** What of a repository's files is in no commit; undefined where all is. What git ignores does not count. */
export async function findUncommitted(repository: Repository): Promise<Uncommitted | undefined> {
  const { exitCode, stdout } = await repository.ask(['status', '--porcelain=v1', '-z', '--no-renames']);
  // More than can be read, or a state that git does not describe: told by nothing but its absence.
  if (exitCode !== 0 && stdout === '') return undefined;
  const files = stdout
    .split('\0')
    .filter((entry) => entry.length > 3)
    .map((entry) => entry.slice(3));
  return files.length === 0 ? undefined : { count: files.length, files: files.slice(0, SHOWN) };
}
