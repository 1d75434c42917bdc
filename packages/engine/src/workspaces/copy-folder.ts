import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { quote } from '@sheaf/workflow';
import { EngineError } from '../errors.js';
import { isInside } from '../runtime/inside.js';

/** What a copy may hold. */
export interface CopyLimits {
  readonly files: number;
  readonly bytes: number;
}

export interface Copy {
  readonly from: string;
  /** Made; is not there. */
  readonly to: string;
  /** Left out with all that is in it. */
  readonly without?: readonly string[];
  readonly limits: CopyLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a folder, sharing the blocks of files where the file system can. A link is copied as it is, and refused where it leads out of the
 * folder; sockets, pipes and devices are left out. Throws EngineError `workspace.too_large`, `workspace.link`.
 */
export async function copyFolder({ from, to, without = [], limits, signal }: Copy): Promise<void> {
  const root = await realpath(from);
  const left = { files: limits.files, bytes: limits.bytes };
  const copyAll = async (folder: string): Promise<void> => {
    signal?.throwIfAborted();
    const source = join(root, folder);
    const target = join(to, folder);
    await mkdir(target, { recursive: true });
    const entries = await readdir(source, { withFileTypes: true });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const place = join(root, path);
      if (without.includes(place)) continue;
      left.files -= 1;
      if (entry.isDirectory()) await copyAll(path);
      else if (entry.isSymbolicLink()) await copyLink(root, path, join(to, path));
      else if (entry.isFile()) {
        left.bytes -= (await lstat(place)).size;
        if (left.bytes >= 0) await copyFile(place, join(to, path), constants.COPYFILE_FICLONE);
      }
      if (left.files < 0 || left.bytes < 0) throw tooLarge(from, limits);
    }
    // Last: nothing could be put into a folder that its owner may not write to.
    await chmod(target, (await lstat(source)).mode & 0o777);
  };
  await copyAll('');
}

/** Copies a link of a folder, by its path there. Throws EngineError `workspace.link` for one that leads out. */
export async function copyLink(root: string, path: string, to: string): Promise<void> {
  const leads = await readlink(join(root, path));
  const lexical = resolve(root, path, '..', leads);
  const real = await realpath(join(root, path)).catch(() => lexical);
  if (isAbsolute(leads) || !isInside(root, lexical) || !isInside(root, real))
    throw new EngineError('workspace.link', `the link ${quote(path, 200)} leads out of the folder`, {
      hint: 'remove it, or work where you are: --workspace inherit',
    });
  await symlink(leads, to);
}

export function tooLarge(from: string, { files, bytes }: CopyLimits): EngineError {
  return new EngineError(
    'workspace.too_large',
    `${quote(from, 200)} has more than ${files} files or ${bytes} bytes, too many to copy`,
    { hint: 'make it a git repository, or work where you are: --workspace inherit' },
  );
}
