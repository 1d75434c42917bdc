import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGlob } from '@sheaf/workflow';
import { CliError } from '../frame/errors.js';

/** What lies below a folder, as far as the globs of a definition may reach it. Paths are relative, with `/`. */
export interface FolderListing {
  readonly files: readonly string[];
  /** Symbolic links and other things that are neither files nor folders. */
  readonly irregular: readonly string[];
}

/** Entered only when a glob names them: they hold what belongs to tools. */
const TOOL_FOLDERS = new Set(['.git', '.hg', '.jj', '.svn', '.bzr', 'node_modules']);
const MAX_ENTRIES = 200_000;

/**
 * Lists the files that the globs may match, and those at the root. Folders that no glob can reach into are not
 * entered, and no symbolic link is followed.
 *
 * @throws CliError `pack.too_many_entries`
 */
export async function listFolder(root: string, globs: readonly string[]): Promise<FolderListing> {
  const files: string[] = [];
  const irregular: string[] = [];
  let entries = 0;
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (++entries > MAX_ENTRIES) {
        throw new CliError(
          'pack.too_many_entries',
          `${root} holds more than ${MAX_ENTRIES} files where the definition may look`,
          {
            hint: 'make the globs of [bundle] include narrower',
          },
        );
      }
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      else if (!entry.isDirectory()) irregular.push(path);
      else if (mayEnter(entry.name, path, globs)) pending.push(path);
    }
  }
  return { files: files.sort(), irregular: irregular.sort() };
}

/** Whether some glob may match something below the folder. */
export function mayReach(glob: string, folder: string): boolean {
  const wanted = glob.split('/');
  const segments = folder.split('/');
  for (const [index, segment] of segments.entries()) {
    const pattern = wanted[index];
    if (pattern === undefined) return false;
    if (pattern === '**') return true;
    if (!compileGlob(pattern)(segment)) return false;
  }
  return wanted.length > segments.length;
}

function mayEnter(name: string, path: string, globs: readonly string[]): boolean {
  const reaching = globs.filter((glob) => mayReach(glob, path));
  return TOOL_FOLDERS.has(name)
    ? reaching.some((glob) => glob.split('/').includes(name))
    : reaching.length > 0;
}
