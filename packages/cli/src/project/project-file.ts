import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_FILE_NAME } from '@sheaf/client';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';

const WRITABLE_BY_OTHERS = 0o002;

/** What is looked at of a file. */
export interface FileFacts {
  readonly isFile: boolean;
  readonly mode: number;
  readonly uid: number;
}

export interface SearchOptions {
  /** Searched last when the working directory lies in it: what is above is not the user's own. */
  readonly home: string | undefined;
  /** The user's id; undefined where files have no owners, as on Windows. */
  readonly uid: number | undefined;
  /** For tests; undefined when there is no such file. */
  readonly look?: (path: string) => Promise<FileFacts | undefined>;
}

/**
 * Finds the nearest `sheaf.toml`, from a folder upwards to the home directory or the root.
 *
 * One that somebody else could have put there is refused rather than passed over, so that a command never acts on
 * another project than the one it seems to stand in: a file that anybody may write, or that belongs to a user who is
 * neither this one nor root. Root itself takes files of any owner, as containers mount them.
 *
 * @throws CliError `project.unsafe`
 */
export async function findProjectFile(
  folder: string,
  { home, uid, look = lookAt }: SearchOptions,
): Promise<string | undefined> {
  for (let dir = folder; ; dir = dirname(dir)) {
    const path = join(dir, PROJECT_FILE_NAME);
    const facts = await look(path);
    if (facts?.isFile === true) {
      if (uid !== undefined) assertSafe(path, facts, uid);
      return path;
    }
    if (dir === home || dir === dirname(dir)) return undefined;
  }
}

function assertSafe(path: string, { mode, uid: owner }: FileFacts, uid: number): void {
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new CliError('project.unsafe', `${printable(path)} can be written by every user of this machine`, {
      hint: `if it is yours: chmod o-w ${path}`,
    });
  }
  if (uid !== 0 && owner !== 0 && owner !== uid) {
    throw new CliError('project.unsafe', `${printable(path)} belongs to another user (id ${owner})`, {
      hint: 'work in a folder of your own, or copy the file there',
    });
  }
}

async function lookAt(path: string): Promise<FileFacts | undefined> {
  try {
    const facts = await stat(path);
    return { isFile: facts.isFile(), mode: facts.mode, uid: facts.uid };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
