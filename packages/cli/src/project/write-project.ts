import { createHash } from 'node:crypto';
import { readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { formatLockfile, type Lockfile } from '@sheaf/client';
import { withFileLock } from '../config/private-files.js';
import { replaceFile, writeBeside } from '../config/replace-file.js';
import type { Context } from '../frame/context.js';
import { CliError } from '../frame/errors.js';
import { printable } from '../terminal/escape.js';
import type { OpenProject } from './open-project.js';

/** What is to stand in the files of a project from now on. */
export interface ProjectChange {
  /** The project with its new text. */
  readonly project: OpenProject;
  /** What stood in `sheaf.toml` when it was read; undefined when there was none. */
  readonly before: string | undefined;
  /** Undefined leaves the lockfile alone. */
  readonly lock?: { readonly after: Lockfile; readonly before: string | undefined };
}

/**
 * Writes `sheaf.toml` and `sheaf.lock`: both or neither. What did not change is not written.
 *
 * @param put puts a file in its place; for tests
 * @throws CliError `project.changed` when somebody else changed one of them meanwhile, `project.unsafe` when one is a link
 *   that leads out of the project, `cancelled`, `file.busy`
 */
export async function writeProject(
  { signal, paths }: Pick<Context, 'signal' | 'paths'>,
  { project, before, lock }: ProjectChange,
  put: typeof rename = rename,
): Promise<{ readonly project: boolean; readonly lock: boolean }> {
  const files = [
    await createWrite(project.path, before, project.text),
    ...(lock === undefined
      ? []
      : [await createWrite(project.lockPath, lock.before, formatLockfile(lock.after))]),
  ];
  const changed = files.filter(({ text, before: old }) => text !== old);
  const ready: Ready[] = [];
  try {
    for (const file of changed) ready.push({ ...file, temporary: await prepare(file) });
    // One process after the other looks and writes: else the later would take away what the earlier has written.
    if (changed.length > 0)
      await withFileLock(
        lockPathOf(paths, project.path),
        async () => {
          for (const file of changed) await assertSame(file);
          if (signal.aborted) throw new CliError('cancelled', 'cancelled; no file was changed');
          await putAll(ready, put);
        },
        { signal },
      );
  } finally {
    await Promise.all(ready.map(({ temporary }) => rm(temporary, { force: true })));
  }
  const isWritten = (path: string) => changed.some((file) => file.named === path);
  return { project: isWritten(project.path), lock: isWritten(project.lockPath) };
}

/** In a folder of this user: a project's own may not be theirs to close. */
function lockPathOf(paths: Context['paths'], path: string): string {
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(paths.state(), 'projects', name);
}

interface Write {
  /** As the project calls it; it may be a link. */
  readonly named: string;
  readonly path: string;
  readonly before: string | undefined;
  readonly text: string;
}

/** A file whose new text lies beside it. */
interface Ready extends Write {
  readonly temporary: string;
}

async function createWrite(named: string, before: string | undefined, text: string): Promise<Write> {
  // A link stays one: what it points to is replaced, if that is of the project.
  const path = before === undefined ? named : await realpath(named);
  if (path !== named && leaves(await realpath(dirname(named)), path)) {
    throw new CliError('project.unsafe', `${printable(named)} is a link to a file outside of its folder`, {
      hint: `put the file itself there: ${printable(path)}`,
    });
  }
  return { named, path, before, text };
}

function leaves(dir: string, path: string): boolean {
  const below = relative(dir, path);
  return isAbsolute(below) || below.split(sep)[0] === '..';
}

async function prepare({ path, before, text }: Write): Promise<string> {
  const mode = before === undefined ? undefined : (await stat(path)).mode & 0o777;
  return writeBeside(path, text, { mode, sync: true });
}

async function assertSame({ path, before, named }: Write): Promise<void> {
  if ((await findText(path)) === before) return;
  throw new CliError('project.changed', `${basename(named)} was changed by somebody else meanwhile`, {
    hint: 'nothing was written: run the same command again',
  });
}

/** Puts all in their places. When one cannot be, those before it get their old text back. */
async function putAll(files: readonly Ready[], put: typeof rename): Promise<void> {
  const done: Ready[] = [];
  try {
    for (const file of files) {
      await put(file.temporary, file.path);
      done.push(file);
    }
  } catch (error) {
    for (const file of done) await putBack(file);
    throw error;
  }
}

async function putBack({ path, before }: Write): Promise<void> {
  if (before === undefined) {
    await rm(path, { force: true });
    return;
  }
  await replaceFile(path, before, { sync: true });
}

async function findText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
