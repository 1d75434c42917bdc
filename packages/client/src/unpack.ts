import { constants, type PathLike } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { ArchiveFile } from '@sheaf/bundle';
import { quote } from '@sheaf/workflow';
import { assertGoesOn } from './cancelled.js';
import { ClientError, isClientError } from './errors.js';
import { isFileError } from './files.js';
import type { VerifiedWorkflow } from './verify.js';

/** Files that are written at the same time: enough to keep the disk busy, few enough for any limit on open files. */
const PARALLEL = 16;
const CREATE_ONLY = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes a verified workflow's files to `parentDir/name` and returns that path. They are written into a fresh private
 * folder beside it, which takes its name when it is complete; when anything fails, nothing is left.
 *
 * @param parentDir has to exist
 * @param name one path segment, which must not be taken
 * @throws ClientError `unpack.exists`, `unpack.failed`, `operation.cancelled`
 */
export async function unpackTo(
  workflow: VerifiedWorkflow,
  parentDir: string,
  name: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  assertGoesOn(signal);
  const target = join(resolve(parentDir), name);
  if (name !== basename(name) || ['', '.', '..'].includes(name)) {
    throw new ClientError('unpack.failed', `${quote(name)} is no name of one folder to unpack to`, {
      hint: 'name the folder that it lies in as the parent',
    });
  }
  if (await exists(target)) throw taken(target);
  if (!(await exists(resolve(parentDir)))) {
    throw new ClientError(
      'unpack.failed',
      `cannot unpack to ${target}: there is no folder ${resolve(parentDir)}`,
      {
        hint: 'make it first',
      },
    );
  }
  const fresh = await attempt(target, () => mkdtemp(join(parentDir, '.unpack-')));
  try {
    await attempt(target, async () => {
      await writeFiles(fresh, workflow.bundle.files, signal);
      await rename(fresh, target);
    });
    return target;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(
  root: string,
  files: readonly ArchiveFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const folder of foldersOf(files)) await mkdir(join(root, folder), { mode: 0o755 });
  const waiting = files.values();
  const worker = async () => {
    for (const file of waiting) {
      assertGoesOn(signal);
      await writeFile(join(root, file.path), file);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(PARALLEL, files.length) }, worker));
  // Only when all have stopped may the folder be removed or renamed.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Parents before their children: an archive's paths are canonical, so each folder is named once and exactly. */
function foldersOf(files: readonly ArchiveFile[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
      folders.add(path.slice(0, at));
  }
  return [...folders];
}

async function writeFile(path: PathLike, { bytes, executable }: ArchiveFile): Promise<void> {
  const mode = executable ? 0o755 : 0o644;
  const file = await open(path, CREATE_ONLY, mode);
  try {
    await file.writeFile(bytes);
    // The mask of the process is not part of what was signed.
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false;
    throw failed(path, error);
  }
}

async function attempt<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isClientError(error)) throw error;
    throw isFileError(error, 'EEXIST', 'ENOTEMPTY', 'ENOTDIR') ? taken(target, error) : failed(target, error);
  }
}

function taken(target: string, cause?: unknown): ClientError {
  return new ClientError('unpack.exists', `${target} exists already`, {
    hint: 'remove it, or name another folder',
    cause,
  });
}

function failed(target: string, cause: unknown): ClientError {
  const reason = cause instanceof Error ? (cause.message.split(':')[0] ?? '') : '';
  return new ClientError('unpack.failed', `cannot unpack to ${target}: ${reason}; nothing was left there`, {
    hint: 'check the rights and the free space of its parent folder',
    cause,
  });
}
