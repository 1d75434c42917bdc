import { constants } from 'node:fs';
import { lstat, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeBeside } from '../config/replace-file.js';
import type { Context } from '../frame/context.js';
import { keepNewest, type CandidateKind } from './words.js';

const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Keeps words for the completion of shells, in `$XDG_CACHE_HOME/sheaf/completion/<kind>`. Only what is well-formed is
 * kept, so that nothing a registry says reaches a shell that could mean something there. It is a convenience: a folder
 * that cannot be written is passed over in silence.
 */
export async function remember(
  context: Pick<Context, 'paths'>,
  kind: CandidateKind,
  words: readonly string[],
): Promise<void> {
  try {
    const path = join(candidateFolder(context), kind);
    const text = await readText(path);
    // What is known already needs no work: this is the case that nearly every command is in.
    if (words.every((word) => text.startsWith(`${word}\n`) || text.includes(`\n${word}\n`))) return;
    const before = toLines(text);
    const after = keepNewest(kind, before, words);
    if (after !== undefined) await writeLines(path, after);
  } catch {
    // Nobody asked for it.
  }
}

/** Forgets words that are no longer so, such as a registry that was removed. */
export async function forget(
  context: Pick<Context, 'paths'>,
  kind: CandidateKind,
  words: readonly string[],
): Promise<void> {
  try {
    const path = join(candidateFolder(context), kind);
    const before = toLines(await readText(path));
    const after = before.filter((line) => !words.includes(line));
    if (after.length < before.length) await writeLines(path, after);
  } catch {
    // Nobody asked for it.
  }
}

/** The folder that the scripts of the shells read. */
function candidateFolder({ paths }: Pick<Context, 'paths'>): string {
  return join(dirname(paths.cache()), 'completion');
}

/** Nothing where a link, a pipe or a device lies in its place: a cache may have been brought from somewhere else. */
async function readText(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
  try {
    const stats = await file.stat();
    return stats.isFile() && stats.size <= MAX_BYTES ? await file.readFile('utf8') : '';
  } finally {
    await file.close();
  }
}

function toLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Of two processes that write at once one wins; neither leaves half a file. What lay in its place is never followed. */
async function writeLines(path: string, lines: readonly string[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!(await lstat(folder)).isDirectory()) return;
  const temporary = await writeBeside(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
