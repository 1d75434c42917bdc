import { constants } from 'node:fs';
import { copyFile, lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyLink, tooLarge, type CopyLimits } from './copy-folder.js';
import type { Repository } from './git.js';

/** Of a commit that nothing names. */
const NOBODY = ['-c', 'user.name=sheaf', '-c', 'user.email=sheaf@localhost'];

/**
 * Puts into a worktree what is in no commit: changes of tracked files, staged or not, as a commit that no branch names, and untracked
 * files that git does not ignore. The repository is left as it was. Throws EngineError `workspace.failed`, `workspace.too_large`,
 * `workspace.link`.
 */
export async function addUncommitted(
  repository: Repository,
  { root, path, limits }: { readonly root: string; readonly path: string; readonly limits: CopyLimits },
): Promise<void> {
  const commit = (await repository.read([...NOBODY, 'stash', 'create'])).trim();
  if (commit !== '')
    await repository.read([
      '-C',
      path,
      'restore',
      `--source=${commit}`,
      '--staged',
      '--worktree',
      '--',
      ':/',
    ]);
  const untracked = await repository.read(['ls-files', '--others', '--exclude-standard', '-z']);
  // What ends in a slash is a repository of its own.
  const files = untracked.split('\0').filter((file) => file !== '' && !file.endsWith('/'));
  let bytes = limits.bytes;
  if (files.length > limits.files) throw tooLarge(root, limits);
  for (const file of files) {
    const info = await lstat(join(root, file));
    const to = join(path, file);
    await mkdir(dirname(to), { recursive: true });
    bytes -= info.size;
    if (bytes < 0) throw tooLarge(root, limits);
    if (info.isSymbolicLink()) await copyLink(root, file, to);
    else if (info.isFile()) await copyFile(join(root, file), to, constants.COPYFILE_FICLONE);
  }
}
