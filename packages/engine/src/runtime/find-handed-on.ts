import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { compileGlob, WorkflowError } from '@sheaf/workflow';
import { isWithin } from '../isolation/mounts.js';

/**
 * Where a path really leads that a workflow hands on to one that it calls; undefined when it has no right to that itself, by entries of
 * its permissions. The path need not be there yet. By where links lead, since the one that is called could not tell.
 */
export function findHandedOn(cwd: string, entries: readonly string[], path: string): string | undefined {
  const root = leadsTo(cwd);
  const real = leadsTo(resolve(root, path));
  // As an entry of a permission it would stand for more than itself.
  if (/[*?[{]/.test(real)) return undefined;
  return entries.some((entry) => isCovered(root, entry, real)) ? real : undefined;
}

function isCovered(root: string, entry: string, real: string): boolean {
  const folder = entry === '**' ? '.' : entry.replace(/\/\*\*$/, '');
  if (!/[*?[{]/.test(folder)) return isWithin(leadsTo(resolve(root, folder)), real);
  if (!isWithin(root, real)) return false;
  try {
    return compileGlob(entry.replace(/^\.\//, ''))(relative(root, real));
  } catch (error) {
    if (error instanceof WorkflowError) return false;
    throw error;
  }
}

/** A path with every link on the way resolved, as far as it is there. */
function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(leadsTo(parent), basename(path));
  }
}
