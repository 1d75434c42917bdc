import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compileGlob, quote, WorkflowError } from '@sheaf/workflow';
import { ActionError } from './action-error.js';
import type { ActionContext } from './action.js';

export type Access = 'read' | 'write';

/** What of a context says which files an action may touch. */
export type FileContext = Pick<ActionContext, 'cwd' | 'bundleDir' | 'scratchDir' | 'permissions'>;

/**
 * The absolute path of a file that an action may read or write, with every link on the way resolved; the file need not be there
 * yet. It is to be opened without following a link. Throws ActionError `policy.denied`.
 */
export async function allowedPath(context: FileContext, path: string, access: Access): Promise<string> {
  const real = await realLocation(resolve(context.cwd, path));
  if (access === 'write' && real.split(sep).includes('.git')) {
    throw denied(path, access, 'files of version control are never written');
  }
  const cwd = await realLocation(context.cwd);
  for (const entry of context.permissions[access]) {
    if (await isCovered(entry, real, cwd)) return real;
  }
  const { bundleDir } = context;
  if (access === 'read' && bundleDir !== undefined && isWithin(await realLocation(bundleDir), real))
    return real;
  // Asked for last: the folder is made when it is.
  if (isWithin(await realLocation(context.scratchDir), real)) return real;
  throw denied(path, access);
}

/** Where a path leads, though its end may not exist: a link that leads out of a folder leads out of its permission. */
async function realLocation(path: string): Promise<string> {
  const parent = dirname(path);
  try {
    return await realpath(path);
  } catch (error) {
    if (parent === path || !isMissing(error))
      throw new ActionError('file.failed', describe(error), { cause: error });
    return join(await realLocation(parent), basename(path));
  }
}

/** An entry is a folder or a file with all that is in it, or a glob over paths of the workspace. */
async function isCovered(entry: string, real: string, cwd: string): Promise<boolean> {
  const folder = entry.replace(/\/\*\*$/, '') || '.';
  if (entry === '**' || !/[*?]/.test(folder)) {
    return isWithin(await realLocation(resolve(cwd, entry === '**' ? '.' : folder)), real);
  }
  if (isAbsolute(entry) || !isWithin(cwd, real)) return false;
  try {
    return compileGlob(entry.replace(/^\.\//, ''))(relative(cwd, real).split(sep).join('/'));
  } catch (error) {
    if (error instanceof WorkflowError) return false;
    throw error;
  }
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function denied(path: string, access: Access, why?: string): ActionError {
  const said = `the run may not ${access} ${quote(path, 200)}`;
  return new ActionError('policy.denied', why === undefined ? said : `${said}: ${why}`, {
    denied: {
      subject: access,
      value: path,
      by: why === undefined ? 'workflow' : 'default',
      ...(why === undefined ? {} : { why }),
    },
    ...(why === undefined ? { hint: `add it to ${access} under [permissions] of the workflow` } : {}),
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
